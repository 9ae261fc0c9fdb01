// Connect, unary by GET: the message is in the query.
import { gzipSync } from "node:zlib";
import { only } from "../parity-case.ts";
import { connectGet, encodeMessage, zstdRepeated } from "../request.ts";

const json = (text: string) => encodeURIComponent(JSON.stringify({ text }));
const base64url = (data: Uint8Array) => Buffer.from(data).toString("base64url");
const proto = base64url(encodeMessage({ text: "hello" }, "proto"));
const packed = base64url(gzipSync(JSON.stringify({ text: "hello" })));

export default {
  JSON: connectGet(`connect=v1&encoding=json&message=${json("hello")}`),
  "proto, base64": connectGet(`connect=v1&encoding=proto&base64=1&message=${proto}`),
  ...only("1.1", {
    "what the context says": connectGet(`connect=v1&encoding=json&message=${json("context")}`),
    "base64 with padding": connectGet("encoding=json&base64=1&message=eyJ0ZXh0IjoiYWIifQ%3D%3D"),
    "base64 without its padding": connectGet("encoding=json&base64=1&message=eyJ0ZXh0IjoiYWIifQ"),
    "base64 of the other alphabet": connectGet("encoding=json&base64=1&message=eyJ0ZXh0IjoiPz8%2FIn0%3D"),
    "invalid base64": connectGet("encoding=json&base64=1&message=%2A%2A%2A"),
    "base64 of an impossible length": connectGet("encoding=json&base64=1&message=eyJ0A"),
    "base64 with rubbish in it": connectGet("encoding=proto&base64=1&message=CgVo!ZWxsbw"),
    "message with blanks as plus": connectGet("encoding=json&message=%7B%22text%22%3A%22a+b%22%7D"),
    gzip: connectGet(`encoding=json&base64=1&compression=gzip&message=${packed}`),
    "invalid gzip": connectGet(`encoding=json&compression=gzip&message=${json("hello")}`),
    "unknown compression": connectGet(`encoding=json&compression=snappy&message=${json("hello")}`),
    zstd: connectGet(`encoding=proto&base64=1&compression=zstd&message=${base64url(zstdRepeated(0, 0))}`),
    "no message": connectGet("connect=v1&encoding=proto"),
    "no message, JSON": connectGet("connect=v1&encoding=json"),
    "no encoding": connectGet(`connect=v1&message=${json("hello")}`),
    "unknown encoding": connectGet(`connect=v1&encoding=xml&message=${json("hello")}`),
    "no query": connectGet(""),
    "wrong version": connectGet(`connect=v2&encoding=json&message=${json("hello")}`),
    "parameters twice": connectGet(`encoding=json&message=${json("one")}&message=${json("two")}`),
    "bytes that are not UTF-8": connectGet("encoding=json&message=%7B%22text%22%3A%22%FF%22%7D"),
    "bad percent encoding": connectGet("encoding=json&message=%7B%22text%22%3A%22%zz%22%7D"),
    "response compressed": connectGet(`encoding=json&message=${json("size:2000")}`, [["accept-encoding", "gzip"]]),
    error: connectGet(`encoding=json&message=${json("detail;fail:permission_denied=no")}`),
    timeout: connectGet(`encoding=json&message=${json("wait")}`, [["connect-timeout-ms", "50"]]),
    "a method with side effects": connectGet(`encoding=json&message=${json("hello")}`, [], "Echo"),
    "a stream": connectGet(`encoding=json&message=${json("hello")}`, [], "EchoServerStream"),
    "with a content type of its own": connectGet(`encoding=json&message=${json("a")}`, [
      ["content-type", "text/plain"],
    ]),
  }),
};
