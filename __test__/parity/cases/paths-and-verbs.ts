// Requests that no method answers: wrong path, verb or content type, or a method without a handler.
import { configured, only, type ParityTable } from "../parity-case.ts";
import { connectGet, connectStream, connectUnary, grpc, grpcWeb, grpcWebText, pathOf, plain } from "../request.ts";
import { hello } from "./messages.ts";

const json: readonly [string, string] = ["content-type", "application/json"];
const to = (target: string, parityCase: ParityTable[string]): ParityTable[string] => ({
  ...parityCase,
  request: { method: "POST", headers: [], ...parityCase.request, target },
});
const text = Buffer.from("{}");

export default {
  "gRPC, unknown method": grpc("Nothing", hello),
  "gRPC, unknown service": to("/a.B/C", grpc("Echo", hello)),
  "gRPC-Web, unknown method": grpcWeb("Nothing", hello),
  "gRPC-Web text, unknown method": grpcWebText("Nothing", hello),
  "Connect, unknown method": connectUnary("Nothing", {}),
  "Connect stream, unknown method": connectStream("Nothing", hello),
  "Connect GET, unknown method": connectGet("connect=v1&encoding=json&message=%7B%7D", [], "Nothing"),
  "JSON without the version header, unknown method": plain("POST", pathOf("Nothing"), [json], text),
  "proto without the version header, unknown method": plain("POST", pathOf("Nothing"), [
    ["content-type", "application/proto"],
  ]),
  "GET /": plain("GET", "/"),
  ...only("1.1", {
    "a path that ends with a slash": to(`${pathOf("Echo")}/`, connectUnary("Echo", {})),
    "a path in other case": to(pathOf("Echo").toLowerCase(), connectUnary("Echo", {})),
    "a path with an escaped letter": to(pathOf("%45cho"), connectUnary("Echo", {})),
    "a path with two slashes": to(`/${pathOf("Echo")}`, connectUnary("Echo", {})),
    GET: plain("GET", pathOf("Echo")),
    PUT: plain("PUT", pathOf("Echo"), [json], text),
    DELETE: plain("DELETE", pathOf("Echo"), [json]),
    OPTIONS: plain("OPTIONS", pathOf("Echo")),
    "PUT to a method without side effects": plain("PUT", pathOf("EchoGet"), [json], text),
    "GET of a stream": plain("GET", pathOf("EchoServerStream")),
    "no content type": connectUnary("Echo", {}, { contentType: null }),
    "an empty content type": connectUnary("Echo", {}, { contentType: "" }),
    "another content type": connectUnary("Echo", {}, { contentType: "text/plain" }),
    "JSON in another charset": connectUnary("Echo", {}, { contentType: "application/json; charset=latin1" }),
    "JSON with two parameters": connectUnary("Echo", {}, { contentType: "application/json; charset=utf-8; a=b" }),
    "proto with a parameter": connectUnary("Echo", {}, { codec: "proto", contentType: "application/proto; a=b" }),
    "unary content type for a stream": connectUnary("EchoServerStream", {}),
    "stream content type for a unary method": connectStream("Echo", hello),
  }),
  ...only("2", {
    "gRPC by GET": {
      request: { method: "GET", target: pathOf("Echo"), headers: [["content-type", "application/grpc"]] },
    },
    "gRPC by PUT": { request: { ...grpc("Echo", hello).request, method: "PUT", target: pathOf("Echo"), headers: [] } },
    "gRPC with an unknown codec": grpc("Echo", hello, { contentType: "application/grpc+thrift" }),
    "gRPC with a parameter": grpc("Echo", hello, { contentType: "application/grpc; charset=utf-8" }),
    "gRPC in capitals": grpc("Echo", hello, { contentType: "Application/GRPC" }),
    "gRPC-like content type": grpc("Echo", hello, { contentType: "application/grpcx" }),
    "gRPC without te": {
      request: { ...plain("POST", pathOf("Echo"), [["content-type", "application/grpc"]], Buffer.alloc(5)).request },
    },
  }),
  ...configured("partial", {
    "gRPC-Web, no handler": grpcWeb("EchoServerStream", hello),
    "Connect stream, no handler": connectStream("EchoServerStream", hello),
    ...only("2", {
      "gRPC, no handler": grpc("EchoGet", hello),
      "gRPC stream, no handler": grpc("EchoBidiStream", hello),
    }),
    ...only("1.1", { "Connect, no handler": connectUnary("EchoGet", {}) }),
  }),
};
