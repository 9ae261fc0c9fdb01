// gRPC over HTTP/1.1, which has trailers too.
import { only } from "../parity-case.ts";
import { grpc } from "../request.ts";
import { hello, three } from "./messages.ts";

export default only("1.1", {
  unary: grpc("Echo", hello),
  "unary, JSON": grpc("Echo", hello, { codec: "json" }),
  "unary with trailers": grpc("Echo", [{ text: "header:x-a=1;trailer:x-b=2" }]),
  "unary error": grpc("Echo", [{ text: "detail;metadata:x-a=1;fail:not_found=no such thing" }]),
  "unary error after headers": grpc("Echo", [{ text: "header:x-a=1;trailer:x-b=2;fail:not_found=no such thing" }]),
  "server stream": grpc("EchoServerStream", [{ text: "hello", count: 2 }]),
  "server stream with trailers": grpc("EchoServerStream", [{ text: "header:x-a=1;trailer:x-b=2", count: 2 }]),
  // contract: DEC-http1-trailers
  "server stream with trailers set after a message": grpc("EchoServerStream", [
    { text: "hello|sleep:50;trailer:x-b=2", count: 1 },
  ]),
  "server stream that fails": grpc("EchoServerStream", [{ text: "|fail:aborted=enough", count: 1 }]),
  "client stream": grpc("EchoClientStream", three),
  "bidi stream": grpc("EchoBidiStream", three),
});
