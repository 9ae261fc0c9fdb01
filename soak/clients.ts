// The clients: every protocol over both versions of HTTP, in the clear and over TLS.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { Transport } from "@connectrpc/connect";
import { createTransport as createConnect } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpc } from "@connectrpc/connect/protocol-grpc";
import { createTransport as createGrpcWeb } from "@connectrpc/connect/protocol-grpc-web";
import { compressionBrotli, compressionGzip, createNodeHttpClient } from "@connectrpc/connect-node";
import { Client, compressionAlgorithms, credentials } from "@grpc/grpc-js";
import { connectCaller } from "../__test__/clients/connect-caller.ts";
import type { Caller } from "../__test__/clients/echo-call.ts";
import { grpcJsCaller } from "../__test__/clients/grpc-js-caller.ts";
import { certificate } from "../__test__/support/certificates.ts";
import { Http2Session } from "./http2-session.ts";
import type { Random } from "./random.ts";

export interface SoakClient {
  readonly name: string;
  readonly url: string;
  readonly httpVersion: "1.1" | "2";
  readonly call: Caller;
  /** For other services; grpc-js has none. */
  readonly transport?: Transport;
  /** Whether messages without side effects are sent by GET. */
  readonly usesGet: boolean;
  /** Whether messages are JSON, in which bytes are a third larger. */
  readonly isJson: boolean;
  /** Whether trailers of streams may be lost (docs/differences.md, P-3). */
  readonly losesTrailers: boolean;
  /** Whether an error may drop messages that it has received before. */
  readonly dropsMessages: boolean;
  /** Closes its connections at once, whatever runs on them. */
  close(): void;
}

/** Makes a client of one kind for a server; format and compression are chance. */
export type ClientKind = (url: string, random: Random) => SoakClient;

const ca = certificate("ca.crt");
const WHOLE_LIMIT = 0xffff_ffff;

const protocols = { Connect: createConnect, gRPC: createGrpc, "gRPC-Web": createGrpcWeb };

/** connect-node's brotli takes seconds for a message of a MiB: it compresses as well as it can. */
const quickBrotli: typeof compressionBrotli = {
  ...compressionBrotli,
  compress: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
};
const compressions = [null, compressionGzip, quickBrotli];

/** connect-node's clients and grpc-js's. */
export const clientKinds: readonly ClientKind[] = [
  ...(["Connect", "gRPC", "gRPC-Web"] as const).flatMap((protocol) =>
    (["1.1", "2"] as const).map(
      (httpVersion): ClientKind =>
        (url, random) =>
          connectNode(protocol, httpVersion, url, random),
    ),
  ),
  grpcJs,
];

function connectNode(
  protocol: keyof typeof protocols,
  httpVersion: "1.1" | "2",
  url: string,
  random: Random,
): SoakClient {
  const compression = random.pick(compressions);
  const isJson = random.once(3);
  const { httpClient, close } = httpVersion === "2" ? http2(url) : http1(url);
  const transport = protocols[protocol]({
    baseUrl: url,
    httpClient,
    useBinaryFormat: !isJson,
    useHttpGet: true,
    interceptors: [],
    acceptCompression: compression === null ? [] : [compression],
    sendCompression: compression,
    compressMinBytes: 100,
    readMaxBytes: WHOLE_LIMIT,
    writeMaxBytes: WHOLE_LIMIT,
  });
  const how = [isJson ? "JSON" : "protobuf", compression?.name ?? "not compressed"];
  return {
    name: `${protocol} over HTTP/${httpVersion}, ${new URL(url).protocol}, ${how.join(", ")}`,
    url,
    httpVersion,
    call: connectCaller(transport),
    transport,
    usesGet: protocol === "Connect",
    isJson,
    losesTrailers: protocol === "gRPC" && httpVersion === "1.1",
    dropsMessages: false,
    close,
  };
}

function http2(url: string) {
  const session = new Http2Session(url, ca);
  const httpClient = createNodeHttpClient({ httpVersion: "2", sessionProvider: () => session });
  return { httpClient, close: () => session.close() };
}

function http1(url: string) {
  const agent = url.startsWith("https:") ? new HttpsAgent({ keepAlive: true, ca }) : new HttpAgent({ keepAlive: true });
  return {
    httpClient: createNodeHttpClient({ httpVersion: "1.1", nodeOptions: { agent } }),
    close: () => agent.destroy(),
  };
}

function grpcJs(url: string, random: Random): SoakClient {
  const { protocol, host } = new URL(url);
  const trusting = credentials.createSsl(Buffer.from(ca));
  const isCompressed = random.once(2);
  const client = new Client(host, protocol === "https:" ? trusting : credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": -1,
    ...(isCompressed && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
  });
  return {
    name: `grpc-js, ${protocol}, ${isCompressed ? "gzip" : "not compressed"}`,
    url,
    httpVersion: "2",
    call: grpcJsCaller(client),
    usesGet: false,
    isJson: false,
    losesTrailers: false,
    dropsMessages: true,
    close: () => client.close(),
  };
}
