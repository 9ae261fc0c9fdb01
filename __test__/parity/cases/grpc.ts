// gRPC over HTTP/2: four kinds of call, two codecs.
import { only } from "../parity-case.ts";
import { grpc } from "../request.ts";
import { hello, none, payload, three } from "./messages.ts";

const json = { codec: "json" } as const;

export default only("2", {
  unary: grpc("Echo", [{ text: "hello", payload }]),
  "unary, JSON": grpc("Echo", [{ text: "hello", payload }], json),
  "unary, bare content type": grpc("Echo", hello, { contentType: "application/grpc" }),
  "unary, empty message": grpc("Echo", [{}]),
  "unary, empty JSON message": grpc("Echo", [{}], json),
  "unary, text beyond ASCII": grpc("Echo", [{ text: "é € 😀 \r\n" }]),
  "what the context says": grpc("EchoGet", [{ text: "context" }]),
  "server stream of three": grpc("EchoServerStream", [{ text: "hello", count: 3 }]),
  "server stream of three, JSON": grpc("EchoServerStream", [{ text: "hello", count: 3 }], json),
  "server stream of none": grpc("EchoServerStream", hello),
  "client stream of three": grpc("EchoClientStream", three),
  "client stream of three, JSON": grpc("EchoClientStream", three, json),
  "client stream of none": grpc("EchoClientStream", none),
  "client stream answered before its end": grpc("EchoClientStream", [...hello, { text: "enough" }, ...hello]),
  "bidi stream of three": grpc("EchoBidiStream", three),
  "bidi stream of three, JSON": grpc("EchoBidiStream", three, json),
  "bidi stream of none": grpc("EchoBidiStream", none),
  "bidi stream ended by the server": grpc("EchoBidiStream", [...hello, { text: "enough" }, ...hello]),
});
