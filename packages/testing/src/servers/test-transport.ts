// The transport to a test server, and the connections that it opens.
import { Agent } from "node:http";
import type { SecureClientSessionOptions } from "node:http2";
import { Agent as SecureAgent } from "node:https";
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { CreateTestServerOptions } from "./test-server-options.ts";

/** A transport whose connections can be closed. */
export interface TestTransport {
  readonly transport: Transport;
  /** Calls in flight fail. */
  close(): void;
}

/** @param port of the server, which listens on 127.0.0.1 */
export function createTestTransport(baseUrl: string, options: CreateTestServerOptions): TestTransport {
  const { httpVersion = "2", clientTls, tls, clientInterceptors = [] } = options;
  const interceptors = [...clientInterceptors];
  const secure = tls ? { rejectUnauthorized: clientTls?.ca !== undefined, ...clientTls } : {};
  // The server has this address only, and Node 18 tries the first address of a name alone.
  const nodeOptions = { family: 4, ...secure };
  if (httpVersion === "1.1") return overHttp1(baseUrl, options, nodeOptions, interceptors);
  // Node hands all options on to the socket, which its types say of TLS alone.
  const sessionManager = new Http2SessionManager(baseUrl, {}, nodeOptions as SecureClientSessionOptions);
  const common = { baseUrl, interceptors, sessionManager };
  const transport = {
    grpc: () => createGrpcTransport(common),
    "grpc-web": () => createGrpcWebTransport({ ...common, httpVersion }),
    connect: () => createConnectTransport({ ...common, httpVersion }),
  }[options.protocol ?? "grpc"]();
  return { transport, close: () => sessionManager.abort() };
}

function overHttp1(
  baseUrl: string,
  { protocol, tls }: CreateTestServerOptions,
  given: object,
  interceptors: Interceptor[],
): TestTransport {
  const agent = tls ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const common = { baseUrl, interceptors, httpVersion: "1.1", nodeOptions: { ...given, agent } } as const;
  const transport = protocol === "connect" ? createConnectTransport(common) : createGrpcWebTransport(common);
  return { transport, close: () => agent.destroy() };
}
