// The version header of Connect, where it is required and where it is not.

import { envelope } from "../../support/envelope.ts";
import { configured, only } from "../parity-case.ts";
import { connectGet, connectStream, connectUnary, encodeMessage, pathOf, plain } from "../request.ts";
import { hello } from "./messages.ts";

const post = (...headers: [string, string][]) =>
  plain(
    "POST",
    pathOf("Echo"),
    [["content-type", "application/json"], ...headers],
    encodeMessage({ text: "a" }, "json"),
  );
const stream = (...headers: [string, string][]) =>
  plain(
    "POST",
    pathOf("EchoServerStream"),
    [["content-type", "application/connect+proto"], ...headers],
    envelope(encodeMessage({ text: "a" }, "proto")),
  );
const query = "encoding=json&message=%7B%7D";

export default only("1.1", {
  "none, where none is required": post(),
  "another, where none is required": post(["connect-protocol-version", "2"]),
  ...configured("strict", {
    "1, where it is required": connectUnary("Echo", { text: "a" }),
    "none, where it is required": post(),
    "another, where it is required": post(["connect-protocol-version", "2"]),
    "1, where it is required of a stream": connectStream("EchoServerStream", hello),
    "none, where it is required of a stream": stream(),
    "v1 in a GET, where it is required": connectGet(`connect=v1&${query}`),
    "none in a GET, where it is required": connectGet(query),
    "another in a GET, where it is required": connectGet(`connect=v2&${query}`),
  }),
});
