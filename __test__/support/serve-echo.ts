// The EchoService of proto/connectum/test/v1, with the handlers of one test.
import type { TestContext } from "node:test";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CreateServerOptions } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Served, serve } from "./serve.ts";

/** Serves the handlers given; other methods are `unimplemented`. */
export function serveEcho(
  t: TestContext,
  handlers: Partial<ServiceImpl<typeof EchoService>>,
  options: Partial<CreateServerOptions> = {},
): Promise<Served> {
  return serve(t, {
    shutdown: { timeout: 500 },
    ...options,
    services: [(router) => router.service(EchoService, handlers), ...(options.services ?? [])],
  });
}
