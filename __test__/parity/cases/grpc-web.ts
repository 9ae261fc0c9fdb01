// gRPC-Web: four kinds of call, two codecs, both versions of HTTP.
import { grpcWeb } from "../request.ts";
import { hello, none, payload, three } from "./messages.ts";

export default {
  unary: grpcWeb("Echo", [{ text: "hello", payload }]),
  "unary, JSON": grpcWeb("Echo", hello, { codec: "json" }),
  "unary, bare content type": grpcWeb("Echo", hello, { contentType: "application/grpc-web" }),
  "unary, empty message": grpcWeb("Echo", [{}]),
  "what the context says": grpcWeb("Echo", [{ text: "context" }]),
  "unary with headers and trailers": grpcWeb("Echo", [{ text: "header:x-a=1;trailer:x-b=2;trailer:X-C=3" }]),
  "unary error": grpcWeb("Echo", [{ text: "detail;metadata:x-a=1;fail:not_found=no such thing" }]),
  "unary error after headers": grpcWeb("Echo", [{ text: "header:x-a=1;trailer:x-b=2;fail:not_found=é" }]),
  "plain error": grpcWeb("Echo", [{ text: "throw:a secret" }]),
  "server stream of three": grpcWeb("EchoServerStream", [{ text: "hello", count: 3 }]),
  "server stream of none": grpcWeb("EchoServerStream", hello),
  "server stream that fails after a message": grpcWeb("EchoServerStream", [{ text: "|fail:aborted=enough", count: 1 }]),
  "client stream of three": grpcWeb("EchoClientStream", three),
  "client stream of none": grpcWeb("EchoClientStream", none),
  "bidi stream of three": grpcWeb("EchoBidiStream", three),
  "bidi stream of three, JSON": grpcWeb("EchoBidiStream", three, { codec: "json" }),
};
