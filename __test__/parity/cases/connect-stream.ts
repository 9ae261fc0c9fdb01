// Connect streams: envelopes whose last one is JSON.
import { connectStream } from "../request.ts";
import { hello, none, payload, three } from "./messages.ts";

const json = { codec: "json" } as const;

export default {
  "server stream of three": connectStream("EchoServerStream", [{ text: "hello", count: 3, payload }]),
  "server stream of three, JSON": connectStream("EchoServerStream", [{ text: "hello", count: 3 }], json),
  "server stream of none": connectStream("EchoServerStream", hello),
  "client stream of three": connectStream("EchoClientStream", three),
  "client stream of three, JSON": connectStream("EchoClientStream", three, json),
  "client stream of none": connectStream("EchoClientStream", none),
  "client stream answered before its end": connectStream("EchoClientStream", [...hello, { text: "enough" }, ...hello]),
  "bidi stream of three": connectStream("EchoBidiStream", three),
  "bidi stream of three, JSON": connectStream("EchoBidiStream", three, json),
  "bidi stream of none": connectStream("EchoBidiStream", none),
  "what the context says": connectStream("EchoServerStream", [{ text: "context", count: 1 }]),
  "headers and trailers": connectStream("EchoServerStream", [{ text: "header:x-a=1;trailer:x-b=2", count: 1 }]),
  "error before messages": connectStream("EchoServerStream", [{ text: "detail;metadata:x-a=1;fail:not_found=gone" }]),
  "error after messages": connectStream("EchoServerStream", [
    { text: "trailer:x-b=2|detail;fail:aborted=no", count: 2 },
  ]),
  "plain error after messages": connectStream("EchoServerStream", [{ text: "|throw:a secret", count: 1 }]),
};
