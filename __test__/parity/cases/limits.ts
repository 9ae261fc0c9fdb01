// Messages over the limits: in both directions, before and after decompression.
import { gzipSync } from "node:zlib";
import { COMPRESSED, envelope } from "../../support/envelope.ts";
import { configured, only } from "../parity-case.ts";
import {
  compressed,
  connectGet,
  connectStream,
  connectUnary,
  encodeMessage,
  grpc,
  grpcWeb,
  zstdRepeated,
} from "../request.ts";
import { hello, none } from "./messages.ts";

/** With tag and length of the field, `size` bytes. */
const ofSize = (size: number) => [{ text: "a".repeat(size - 3) }];
/** A thousandth of its size on the wire, and no message: it must not be looked at that far. */
const bomb = Buffer.alloc(8 * 1024 * 1024);
const packed = gzipSync(bomb);
const brotliBomb = compressed(bomb, "br");
const zstdBomb = zstdRepeated(0, 100_000);
const encoding = (name: string) => ({ headers: [["grpc-encoding", name]] }) as const;
const httpEncoding = (name: string) => ({ headers: [["content-encoding", name]] }) as const;
const message = (size: number) => encodeMessage(ofSize(size)[0] ?? {}, "proto");

export default {
  ...configured("strict", {
    ...only("2", {
      "gRPC, at the limit": grpc("Echo", ofSize(1_000)),
      "gRPC, over the limit": grpc("Echo", ofSize(1_001)),
      "gRPC stream, second message over the limit": grpc("EchoBidiStream", [...hello, ...ofSize(1_001)]),
      "gRPC client stream, over the limit": grpc("EchoClientStream", ofSize(1_001)),
      "gRPC, compressed below and over the limit after": grpc("Echo", ofSize(1_001), { encoding: "gzip" }),
      "gRPC, at the limit after decompression": grpc("Echo", ofSize(1_000), { encoding: "gzip" }),
      "gRPC, gzip bomb": grpc("Echo", none, {
        ...encoding("gzip"),
        body: envelope(packed.subarray(0, 900), COMPRESSED),
      }),
      "gRPC, br bomb": grpc("Echo", none, { ...encoding("br"), body: envelope(brotliBomb, COMPRESSED) }),
      "gRPC, zstd bomb": grpc("Echo", none, { ...encoding("zstd"), body: envelope(zstdBomb, COMPRESSED) }),
      "gRPC, response over the limit": grpc("Echo", [{ text: "size:2001" }]),
      "gRPC stream, response over the limit": grpc("EchoBidiStream", [...hello, { text: "size:2001" }]),
      "gRPC-Web, over the limit": grpcWeb("Echo", ofSize(1_001)),
      "gRPC, everything compressed": grpc("Echo", hello, { encoding: "gzip" }),
      "Connect stream, everything compressed": connectStream("EchoServerStream", [{ text: "a", count: 1 }], {
        encoding: "gzip",
      }),
    }),
    ...only("1.1", {
      "Connect, at the limit": connectUnary("Echo", {}, { codec: "proto", body: message(1_000) }),
      "Connect, over the limit": connectUnary("Echo", {}, { codec: "proto", body: message(1_001) }),
      "Connect, gzip bomb": connectUnary("Echo", {}, { ...httpEncoding("gzip"), body: packed.subarray(0, 900) }),
      "Connect, br bomb": connectUnary("Echo", {}, { ...httpEncoding("br"), body: brotliBomb }),
      "Connect, zstd bomb": connectUnary(
        "Echo",
        {},
        {
          headers: [
            ["content-encoding", "zstd"],
            ["accept-encoding", "identity"],
          ],
          body: zstdBomb,
        },
      ),
      "Connect, far over the limit": connectUnary("Echo", {}, { body: Buffer.alloc(4 * 1024 * 1024, 0x20) }),
      "Connect, response over the limit": connectUnary("Echo", { text: "size:2001" }),
      "Connect GET, over the limit": connectGet(
        `connect=v1&encoding=json&message=${encodeURIComponent(JSON.stringify({ text: "a".repeat(1_001) }))}`,
      ),
      "Connect stream, over the limit": connectStream("EchoServerStream", ofSize(1_001)),
      "Connect stream, response over the limit": connectStream("EchoServerStream", [{ text: "size:2001", count: 1 }]),
    }),
  }),
  ...only("2", { "gRPC, over the default limit": grpc("EchoClientStream", ofSize(4 * 1024 * 1024 + 1)) }),
  ...only("1.1", {
    "Connect, over the default limit": connectUnary("Echo", {}, { codec: "proto", body: message(4 * 1024 * 1024 + 1) }),
  }),
};
