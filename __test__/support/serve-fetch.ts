// A server with the option fetch, and a client for it.
import type { TestContext } from "node:test";
import type { CreateServerOptions, FetchHandler } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, identity } from "./certificates.ts";
import type { PlainAnswer, PlainClient, PlainRequest } from "./plain-http.ts";
import { type Served, serve } from "./serve.ts";

/** A running server, and a function that sends it requests. */
export interface FetchServed extends Served {
  send(request: PlainRequest): Promise<PlainAnswer>;
}

/** Serves `fetch` beside the method `Echo`, to a client of HTTP/1.1 or HTTP/2, with TLS if it asks for that. */
export async function serveFetch(
  t: TestContext,
  { secure, send }: PlainClient,
  fetch: FetchHandler,
  options: Partial<CreateServerOptions> = {},
): Promise<FetchServed> {
  const served = await serve(t, {
    services: [(router) => router.service(EchoService, { echo: ({ text }) => ({ text }) })],
    fetch,
    ...(secure ? { tls: identity("server") } : {}),
    ...options,
  });
  const ca = secure ? certificate("ca.crt") : undefined;
  return { ...served, send: (request) => send(served.port, request, ca) };
}
