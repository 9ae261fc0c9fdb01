// gRPC-Web as text: what the official generator's clients send unless they are told otherwise.

import { envelope } from "../../support/envelope.ts";
import { only } from "../parity-case.ts";
import { encodeMessage, grpcWebText } from "../request.ts";
import { hello, three } from "./messages.ts";

const bytes = envelope(encodeMessage({ text: "hello" }, "proto"));
const base64 = (data: Uint8Array) => Buffer.from(data).toString("base64");
const pieces = Buffer.from(base64(bytes.subarray(0, 4)) + base64(bytes.subarray(4)));

export default {
  unary: grpcWebText("Echo", hello),
  "unary, JSON": grpcWebText("Echo", hello, { codec: "json" }),
  "unary, bare content type": grpcWebText("Echo", hello, { contentType: "application/grpc-web-text" }),
  ...only("1.1", {
    "unary, in padded pieces": grpcWebText("Echo", hello, { body: pieces }),
    "unary error": grpcWebText("Echo", [{ text: "detail;fail:not_found=no such thing" }]),
    "server stream": grpcWebText("EchoServerStream", [{ text: "hello", count: 2 }]),
    "client stream": grpcWebText("EchoClientStream", three),
    "not base64": grpcWebText("Echo", hello, { body: Buffer.from("!!!!") }),
  }),
};
