// Messages compressed in both directions, and unknown encodings.
import { COMPRESSED, envelope } from "../../support/envelope.ts";
import { only } from "../parity-case.ts";
import { compressed, connectStream, connectUnary, encodeMessage, grpc, grpcWeb } from "../request.ts";
import { hello, three } from "./messages.ts";

const large = [{ text: "size:2000" }];
const accept = (names: string) => ({ headers: [["grpc-accept-encoding", names]] }) as const;
const acceptHttp = (names: string) => ({ headers: [["accept-encoding", names]] }) as const;
const message = encodeMessage({ text: "hello" }, "proto");
const packed = compressed(message, "gzip");
const gzip: readonly [string, string] = ["grpc-encoding", "gzip"];
const httpGzip: readonly [string, string] = ["content-encoding", "gzip"];

export default {
  ...only("2", {
    "gRPC, gzip": grpc("Echo", large, { encoding: "gzip" }),
    "gRPC, br": grpc("Echo", large, { encoding: "br" }),
    "gRPC, zstd": grpc("Echo", large, { encoding: "zstd" }),
    "gRPC, gzip of a small message": grpc("Echo", hello, { encoding: "gzip" }),
    "gRPC, gzip accepted": grpc("Echo", large, accept("gzip")),
    "gRPC, the first that is known": grpc("Echo", large, accept("deflate, br;gzip, br , gzip")),
    "gRPC, identity accepted": grpc("Echo", large, { ...accept("identity"), encoding: "gzip" }),
    "gRPC, empty list accepted": grpc("Echo", large, accept("")),
    "gRPC, identity declared": grpc("Echo", hello, { headers: [["grpc-encoding", "identity"]] }),
    "gRPC, empty encoding": grpc("Echo", hello, { headers: [["grpc-encoding", ""]] }),
    "gRPC, encoding in capitals": grpc("Echo", hello, { headers: [["grpc-encoding", "GZIP"]] }),
    "gRPC, gzip declared and not used": grpc("Echo", hello, { headers: [gzip] }),
    "gRPC, some messages of a stream compressed": grpc("EchoClientStream", [], {
      headers: [gzip],
      body: Buffer.concat([envelope(message), envelope(packed, COMPRESSED), envelope(message)]),
    }),
    "gRPC, compressed stream": grpc("EchoBidiStream", three, { encoding: "gzip" }),
    "gRPC, compressed message of no bytes": grpc("Echo", [], {
      headers: [gzip],
      body: envelope(Buffer.alloc(0), COMPRESSED),
    }),
    "gRPC, unknown encoding": grpc("Echo", hello, { headers: [["grpc-encoding", "snappy"]] }),
    "gRPC stream, unknown encoding": grpc("EchoServerStream", hello, { headers: [["grpc-encoding", "snappy"]] }),
    "gRPC, compressed flag without an encoding": grpc("Echo", [], { body: envelope(packed, COMPRESSED) }),
    "gRPC, compressed flag with identity": grpc("Echo", [], {
      headers: [["grpc-encoding", "identity"]],
      body: envelope(packed, COMPRESSED),
    }),
    "gRPC, not gzip": grpc("Echo", [], { headers: [gzip], body: envelope(message, COMPRESSED) }),
    "gRPC, truncated gzip": grpc("Echo", [], { headers: [gzip], body: envelope(packed.subarray(0, 12), COMPRESSED) }),
    "gRPC, gzip with rubbish after it": grpc("Echo", [], {
      headers: [gzip],
      body: envelope(Buffer.concat([packed, Buffer.from("rubbish")]), COMPRESSED),
    }),
    "gRPC, not br": grpc("Echo", [], { headers: [["grpc-encoding", "br"]], body: envelope(packed, COMPRESSED) }),
    "gRPC-Web, gzip": grpcWeb("Echo", large, { encoding: "gzip" }),
    "gRPC-Web, unknown encoding": grpcWeb("Echo", hello, { headers: [["grpc-encoding", "snappy"]] }),
    "gRPC-Web, compressed flag without an encoding": grpcWeb("Echo", [], { body: envelope(packed, COMPRESSED) }),
    "Connect stream, gzip": connectStream("EchoServerStream", [{ text: "size:2000", count: 2 }], { encoding: "gzip" }),
    "Connect stream, unknown encoding": connectStream("EchoServerStream", hello, {
      headers: [["connect-content-encoding", "snappy"]],
    }),
    "Connect stream, compressed flag without an encoding": connectStream("EchoServerStream", [], {
      body: envelope(packed, COMPRESSED),
    }),
    "Connect stream, content-encoding": connectStream("EchoServerStream", hello, { headers: [httpGzip] }),
    "Connect stream, a large error after a gzip request": connectStream(
      "EchoServerStream",
      [{ text: `fail:aborted=${"x".repeat(2_000)}` }],
      { encoding: "gzip" },
    ),
  }),
  ...only("1.1", {
    "Connect, gzip": connectUnary("Echo", { text: "size:2000" }, { encoding: "gzip" }),
    "Connect, br": connectUnary("Echo", { text: "size:2000" }, { encoding: "br" }),
    "Connect, zstd": connectUnary("Echo", { text: "size:2000" }, { encoding: "zstd" }),
    "Connect, gzip accepted": connectUnary("Echo", { text: "size:2000" }, acceptHttp("gzip")),
    "Connect, weights accepted": connectUnary("Echo", { text: "size:2000" }, acceptHttp("br;q=0.5, gzip;q=1.0")),
    "Connect, a browser's list accepted": connectUnary(
      "Echo",
      { text: "size:2000" },
      acceptHttp("gzip, deflate, br, zstd"),
    ),
    "Connect, small message not compressed": connectUnary("Echo", { text: "hello" }, acceptHttp("gzip")),
    "Connect, large error compressed": connectUnary(
      "Echo",
      { text: `fail:aborted=${"x".repeat(2_000)}` },
      acceptHttp("gzip"),
    ),
    "Connect, unknown encoding": connectUnary(
      "Echo",
      { text: "hello" },
      { headers: [["content-encoding", "deflate"]] },
    ),
    "Connect, not gzip": connectUnary("Echo", { text: "hello" }, { headers: [httpGzip] }),
    "Connect, truncated gzip": connectUnary(
      "Echo",
      {},
      {
        codec: "proto",
        headers: [httpGzip],
        body: packed.subarray(0, 12),
      },
    ),
    "Connect, truncated br": connectUnary(
      "Echo",
      {},
      {
        codec: "proto",
        headers: [["content-encoding", "br"]],
        body: compressed(encodeMessage({ text: "a".repeat(500) }, "proto"), "br").subarray(0, 8),
      },
    ),
  }),
};
