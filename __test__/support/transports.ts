// The transports of independent clients: every protocol, over every version of HTTP that it supports.
import type { JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createTransport as createGrpcTransportOver } from "@connectrpc/connect/protocol-grpc";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  createNodeHttpClient,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createFetchConnectTransport,
  createGrpcWebTransport as createFetchGrpcWebTransport,
} from "@connectrpc/connect-web";

/** Options of all transports. */
export interface ClientOptions {
  useBinaryFormat?: boolean;
  jsonOptions?: Partial<JsonReadOptions & JsonWriteOptions>;
  interceptors?: Interceptor[];
}

/** A protocol over a version of HTTP. */
export interface ClientCase {
  readonly name: string;
  /** Its name in `HandlerContext.protocolName`. */
  readonly protocol: "connect" | "grpc" | "grpc-web";
  readonly httpVersion: "1.1" | "2";
  readonly transport: (baseUrl: string, options?: ClientOptions) => Transport;
}

/** Transports of connect-node, which can call all four kinds. */
export const nodeClients: readonly ClientCase[] = (["1.1", "2"] as const).flatMap((httpVersion) => [
  {
    name: `Connect over HTTP/${httpVersion}`,
    protocol: "connect",
    httpVersion,
    transport: (baseUrl, options) => createConnectTransport({ baseUrl, httpVersion, ...options }),
  },
  {
    name: `gRPC over HTTP/${httpVersion}`,
    protocol: "grpc",
    httpVersion,
    transport: (baseUrl, options) =>
      httpVersion === "2" ? createGrpcTransport({ baseUrl, ...options }) : grpcOverHttp1(baseUrl, options),
  },
  {
    name: `gRPC-Web over HTTP/${httpVersion}`,
    protocol: "grpc-web",
    httpVersion,
    transport: (baseUrl, options) => createGrpcWebTransport({ baseUrl, httpVersion, ...options }),
  },
]);

/** Transports of connect-web: `fetch`, as in a browser. They cannot send streams. */
export const fetchClients: readonly ClientCase[] = [
  {
    name: "Connect by fetch",
    protocol: "connect",
    httpVersion: "1.1",
    transport: (baseUrl, options) => createFetchConnectTransport({ baseUrl, ...options }),
  },
  {
    name: "gRPC-Web by fetch",
    protocol: "grpc-web",
    httpVersion: "1.1",
    transport: (baseUrl, options) => createFetchGrpcWebTransport({ baseUrl, ...options }),
  },
];

/** One transport for each protocol, for tests that do not depend on the HTTP version. */
export const protocolClients: readonly ClientCase[] = nodeClients.filter(({ protocol, httpVersion }) =>
  protocol === "grpc" ? httpVersion === "2" : httpVersion === "1.1",
);

/** connect-node's own transport supports gRPC only over HTTP/2; this one is built from its parts. */
function grpcOverHttp1(baseUrl: string, options: ClientOptions = {}): Transport {
  return createGrpcTransportOver({
    baseUrl,
    httpClient: createNodeHttpClient({ httpVersion: "1.1" }),
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 1024,
    readMaxBytes: 0xffff_ffff,
    writeMaxBytes: 0xffff_ffff,
    ...options,
  });
}
