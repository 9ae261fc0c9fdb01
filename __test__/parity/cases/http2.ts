// HTTP/2 itself: what its own layer has to refuse.
import { only } from "../parity-case.ts";
import { connectUnary, encodeMessage, pathOf, plain } from "../request.ts";

const body = encodeMessage({ text: "hello" }, "json");
const json: readonly [string, string] = ["content-type", "application/json"];

export default only("2", {
  "a content-length that is right": plain(
    "POST",
    pathOf("Echo"),
    [json, ["content-length", String(body.length)]],
    body,
  ),
  "a content-length that is too long": plain("POST", pathOf("Echo"), [json, ["content-length", "100"]], body),
  "a content-length that is too short": plain("POST", pathOf("Echo"), [json, ["content-length", "3"]], body),
  "an unfinished path": plain("POST", "connectum.test.v1.EchoService/Echo", [json], body),
  "an asterisk": plain("OPTIONS", "*"),
  "a verb nobody knows": plain("BREW", pathOf("Echo"), [json], body),
  "a large header": connectUnary("Echo", { text: "a" }, { headers: [["x-a", "a".repeat(12 * 1024)]] }),
});
