// A transport of connect-node over HTTP/2.
import { Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  type GrpcTransportOptions,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { Client } from "./client.ts";
import { retryRefused } from "./retry-refused.ts";

type Options = Pick<GrpcTransportOptions, "baseUrl" | "interceptors"> & {
  readonly sessionManager: Http2SessionManager;
};

export const connectNodeGrpc = (port: number): Client => connectNode("connect-node, gRPC", port, createGrpcTransport);

export const connectNodeConnect = (port: number): Client =>
  connectNode("connect-node, Connect", port, (options) => createConnectTransport({ ...options, httpVersion: "2" }));

function connectNode(name: string, port: number, transportOf: (options: Options) => Transport): Client {
  const baseUrl = `http://127.0.0.1:${port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  let calls = 0;
  let attempts = 0;
  const count: Interceptor = (next) => (request) => {
    if (!request.stream) attempts += 1;
    return next(request);
  };
  const client = createClient(
    EchoService,
    transportOf({ baseUrl, sessionManager, interceptors: [retryRefused, count] }),
  );
  return {
    name,
    async echo(text) {
      calls += 1;
      return (await client.echo({ text })).text;
    },
    async watch() {
      try {
        for await (const _ of client.echoServerStream({})) {
          // It is open.
        }
        return "ok";
      } catch (error) {
        return Code[ConnectError.from(error).code]?.toLowerCase() ?? "";
      }
    },
    retried: () => attempts - calls,
    close: () => sessionManager.abort(),
  };
}
