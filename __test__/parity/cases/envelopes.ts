// Bodies that are not the envelopes they should be.
import { COMPRESSED, END_STREAM, envelope, TRAILERS } from "../../support/envelope.ts";
import { only } from "../parity-case.ts";
import { connectStream, encodeMessage, grpc, grpcWeb } from "../request.ts";
import { hello, none } from "./messages.ts";

const message = encodeMessage({ text: "hello" }, "proto");
const whole = envelope(message);
const body = (...pieces: Uint8Array[]) => ({ body: Buffer.concat(pieces) });
const endStream = envelope(Buffer.from("{}"), END_STREAM);

export default {
  ...only("2", {
    "gRPC, no message": grpc("Echo", none),
    "gRPC, two messages": grpc("Echo", [...hello, ...hello]),
    "gRPC server stream, no message": grpc("EchoServerStream", none),
    "gRPC server stream, two messages": grpc("EchoServerStream", [...hello, ...hello]),
    "gRPC, half a head": grpc("Echo", none, body(whole.subarray(0, 3))),
    "gRPC, a head without its message": grpc("Echo", none, body(whole.subarray(0, 5))),
    "gRPC, half a message": grpc("Echo", none, body(whole.subarray(0, 8))),
    "gRPC, a length that is a lie": grpc("Echo", none, body(envelope(message, 0, 100))),
    "gRPC, a length of 4 GiB": grpc("Echo", none, body(envelope(message, 0, 0xffff_ffff))),
    "gRPC, a length shorter than the message": grpc("Echo", none, body(envelope(message, 0, 3))),
    "gRPC, rubbish after the message": grpc("Echo", none, body(whole, Buffer.from([1, 2]))),
    "gRPC, half a message after a whole one": grpc("EchoClientStream", none, body(whole, whole.subarray(0, 8))),
    "gRPC, a head without its message after a whole one": grpc(
      "EchoBidiStream",
      none,
      body(whole, whole.subarray(0, 5)),
    ),
    "gRPC, the end-stream flag": grpc("Echo", none, body(envelope(message, END_STREAM))),
    "gRPC, the trailers flag": grpc("Echo", none, body(envelope(message, TRAILERS))),
    "gRPC, unknown flags": grpc("Echo", none, body(envelope(message, 0x40))),
    "gRPC, unknown flags in a stream": grpc("EchoClientStream", none, body(whole, envelope(message, 0x40))),
    "gRPC, all flags": grpc("Echo", none, body(envelope(message, 0xff))),
    "gRPC-Web, no message": grpcWeb("Echo", none),
    "gRPC-Web, two messages": grpcWeb("Echo", [...hello, ...hello]),
    "gRPC-Web, half a message": grpcWeb("Echo", none, body(whole.subarray(0, 8))),
    "gRPC-Web, trailers from a client": grpcWeb("Echo", none, body(whole, envelope(Buffer.from("a: b\r\n"), TRAILERS))),
    "gRPC-Web, unknown flags": grpcWeb("Echo", none, body(envelope(message, 0x40))),
    "gRPC-Web, not base64 and not envelopes": grpcWeb("Echo", none, body(Buffer.from("hello"))),
  }),
  "Connect server stream, no message": connectStream("EchoServerStream", none),
  ...only("1.1", {
    "Connect server stream, two messages": connectStream("EchoServerStream", [...hello, ...hello]),
    "Connect stream, half a head": connectStream("EchoServerStream", none, body(whole.subarray(0, 3))),
    "Connect stream, a head without its message": connectStream("EchoServerStream", none, body(whole.subarray(0, 5))),
    "Connect stream, half a message": connectStream("EchoServerStream", none, body(whole.subarray(0, 8))),
    "Connect client stream, half a message at its end": connectStream(
      "EchoClientStream",
      none,
      body(whole, whole.subarray(0, 8)),
    ),
    "Connect stream, an end-stream message from the client": connectStream(
      "EchoServerStream",
      none,
      body(whole, endStream),
    ),
    "Connect client stream, an end-stream message from the client": connectStream(
      "EchoClientStream",
      none,
      body(whole, endStream, whole),
    ),
    "Connect stream, only an end-stream message": connectStream("EchoServerStream", none, body(endStream)),
    "Connect stream, unknown flags": connectStream("EchoServerStream", none, body(envelope(message, 0x40))),
    "Connect stream, a compressed end-stream message": connectStream(
      "EchoServerStream",
      none,
      body(whole, envelope(Buffer.from("{}"), END_STREAM | COMPRESSED)),
    ),
    "Connect stream, a length of 4 GiB": connectStream(
      "EchoServerStream",
      none,
      body(envelope(message, 0, 0xffff_ffff)),
    ),
  }),
};
