// Headers and trailers in both directions.
import { only } from "../parity-case.ts";
import { connectStream, connectUnary, grpc, grpcWeb } from "../request.ts";

const see = (name: string) => ({ text: `see:${name}` });

export default {
  ...only("2", {
    "a request header": grpc("Echo", [see("x-a")], { headers: [["x-a", "one"]] }),
    "a request header in Latin-1": grpc("Echo", [see("x-a")], { headers: [["x-a", "caf\xe9"]] }),
    "a request header twice": grpc("Echo", [see("x-a")], {
      headers: [
        ["x-a", "one"],
        ["x-a", "two"],
      ],
    }),
    "a binary request header": grpc("Echo", [see("x-a-bin")], { headers: [["x-a-bin", "AAEC/w"]] }),
    "the protocol's own header": grpc("Echo", [see("te")]),
    "response headers and trailers": grpc("Echo", [{ text: "header:x-a=1;trailer:x-b=2" }]),
    "response headers and trailers twice": grpc("Echo", [
      { text: "header:x-a=1;header:x-a=2;trailer:x-b=3;trailer:x-b=4" },
    ]),
    "binary response headers and trailers": grpc("Echo", [{ text: "header:x-a-bin=AAEC/w;trailer:x-b-bin=AAEC" }]),
    "trailers after a stream": grpc("EchoServerStream", [{ text: "hello|trailer:x-b=2", count: 1 }]),
    "headers after the first message": grpc("EchoServerStream", [{ text: "hello|header:x-a=1", count: 1 }]),
    "set-cookie twice": grpc("Echo", [{ text: "header:set-cookie=a=1;header:set-cookie=b=2" }]),
    "a handler's content-type": grpc("Echo", [{ text: "header:content-type=text/plain" }]),
    "a handler's grpc-status": grpc("Echo", [{ text: "trailer:grpc-status=5" }]),
    "a handler's grpc-encoding": grpc("Echo", [{ text: "header:grpc-encoding=gzip" }]),
    "an error's grpc-status": grpc("Echo", [{ text: "metadata:grpc-status=0;fail:not_found=gone" }]),
    "an error's content-type": grpc("Echo", [{ text: "metadata:content-type=text/plain;fail:not_found=gone" }]),
    "a handler's connection": grpc("Echo", [{ text: "header:connection=close" }]),
    "gRPC-Web: a handler's grpc-status": grpcWeb("Echo", [{ text: "trailer:grpc-status=5" }]),
    "the header that marks calls within the process": grpc("Echo", [see("connectum-internal-transport")], {
      headers: [["connectum-internal-transport", "1"]],
    }),
  }),
  ...only("1.1", {
    "Connect: a request header": connectUnary("Echo", see("x-a"), { headers: [["X-A", "one"]] }),
    "Connect: a request header in Latin-1": connectUnary("Echo", see("x-a"), { headers: [["x-a", "caf\xe9"]] }),
    "Connect: a request header that is not UTF-8": connectUnary("Echo", see("x-a"), { headers: [["x-a", "\xff\xfe"]] }),
    "Connect: a request header twice": connectUnary("Echo", see("x-a"), {
      headers: [
        ["x-a", "1"],
        ["x-a", "2"],
      ],
    }),
    "Connect: an empty request header": connectUnary("Echo", see("x-a"), { headers: [["x-a", ""]] }),
    "Connect: cookie twice": connectUnary("Echo", see("cookie"), {
      headers: [
        ["cookie", "a=1"],
        ["cookie", "b=2"],
      ],
    }),
    "Connect: user-agent twice": connectUnary("Echo", see("user-agent"), {
      headers: [
        ["user-agent", "one"],
        ["user-agent", "two"],
      ],
    }),
    "Connect: headers and trailers twice": connectUnary("Echo", {
      text: "header:x-a=1;header:x-a=2;trailer:x-b=3;trailer:x-b=4",
    }),
    "Connect: set-cookie twice": connectUnary("Echo", { text: "header:set-cookie=a=1;header:set-cookie=b=2" }),
    "Connect: a handler's content-type": connectUnary("Echo", { text: "header:content-type=text/plain" }),
    "Connect: a handler's content-length": connectUnary("Echo", { text: "header:content-length=3" }),
    "Connect: a handler's content-encoding": connectUnary("Echo", { text: "header:content-encoding=gzip" }),
    "Connect: an error's content-type": connectUnary("Echo", { text: "metadata:content-type=text/plain;fail:aborted" }),
    "Connect stream: trailers twice": connectStream("EchoServerStream", [{ text: "trailer:x-b=3;trailer:x-b=4" }]),
    "Connect stream: an error's metadata and trailers": connectStream("EchoServerStream", [
      { text: "trailer:x-a=1;metadata:x-a=2;fail:aborted" },
    ]),
    "Connect stream: a handler's content-type": connectStream("EchoServerStream", [
      { text: "header:content-type=text/plain" },
    ]),
    "the header that marks calls within the process, over HTTP/1.1": connectUnary(
      "Echo",
      see("connectum-internal-transport"),
      { headers: [["connectum-internal-transport", "1"]] },
    ),
  }),
};
