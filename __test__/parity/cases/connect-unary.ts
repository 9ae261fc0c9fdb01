// Connect, unary by POST.
import { connectUnary, pathOf, plain } from "../request.ts";
import { payload } from "./messages.ts";

const proto = { codec: "proto" } as const;

export default {
  JSON: connectUnary("Echo", { text: "hello", payload }),
  proto: connectUnary("Echo", { text: "hello", payload }, proto),
  "JSON with a charset": connectUnary("Echo", { text: "é" }, { contentType: "application/json; charset=utf-8" }),
  "JSON content type in capitals": connectUnary("Echo", { text: "a" }, { contentType: "Application/JSON" }),
  "empty message as JSON": connectUnary("Echo", {}),
  "empty message as proto": connectUnary("Echo", {}, proto),
  "text beyond ASCII": connectUnary("Echo", { text: "é € 😀 \r\n" }),
  "what the context says": connectUnary("Echo", { text: "context" }),
  "a query after the path": plain(
    "POST",
    `${pathOf("Echo")}?a=b`,
    [["content-type", "application/json"]],
    Buffer.from('{"text":"context"}'),
  ),
  "unknown JSON fields": connectUnary("Echo", {}, { body: Buffer.from('{"text":"a","later":1}') }),
  "headers and trailers": connectUnary("Echo", { text: "header:x-a=1;trailer:x-b=2" }),
  "error with details and metadata": connectUnary("Echo", { text: "detail;detail;metadata:x-a=1;fail:not_found=gone" }),
  "error after headers and trailers": connectUnary("Echo", {
    text: "header:x-a=1;trailer:x-b=2;metadata:x-a=3;fail:aborted=no",
  }),
  "error of a proto request": connectUnary("Echo", { text: "fail:aborted=no" }, proto),
};
