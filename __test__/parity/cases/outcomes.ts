// Outcomes of a handler: every code, errors with and without parts, thrown values that are no errors.
import type { ParityTable } from "../parity-case.ts";
import { only } from "../parity-case.ts";
import { connectStream, connectUnary, grpc } from "../request.ts";

const codes = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
];

function ofEachCode(title: string, request: (text: string) => ParityTable[string]): ParityTable {
  return Object.fromEntries(codes.map((code) => [`${title} ${code}`, request(`fail:${code}=why`)]));
}

function wrongAnswers(title: string, request: (text: string) => ParityTable[string]): ParityTable {
  const texts = ["nothing", "null", "a string", "another message", "a wrong field"];
  return Object.fromEntries(texts.map((text) => [`${title} answer: ${text}`, request(text)]));
}

export default {
  ...only("2", {
    ...ofEachCode("gRPC", (text) => grpc("Echo", [{ text }])),
    "gRPC error with details and metadata": grpc("Echo", [
      { text: "detail;detail;metadata:x-a=1;fail:not_found=gone" },
    ]),
    "gRPC error with binary metadata": grpc("Echo", [{ text: "metadata:x-a-bin=AAEC;fail:not_found=gone" }]),
    "gRPC error after headers and trailers": grpc("Echo", [{ text: "header:x-a=1;trailer:x-b=2;fail:not_found=gone" }]),
    "gRPC error after trailers": grpc("Echo", [{ text: "trailer:x-b=2;fail:not_found=gone" }]),
    "gRPC error without a message": grpc("Echo", [{ text: "fail:not_found" }]),
    "gRPC error with a message beyond ASCII": grpc("Echo", [{ text: "fail:not_found=50% é € 😀 \r\n" }]),
    "gRPC error with blanks around its message": grpc("Echo", [{ text: "fail:not_found= why " }]),
    "gRPC error of a code that does not exist": grpc("Echo", [{ text: "fail:99=why" }]),
    "gRPC error of code 0": grpc("Echo", [{ text: "fail:0=why" }]),
    "gRPC throw of a plain error": grpc("Echo", [{ text: "throw:a secret" }]),
    "gRPC throw of undefined": grpc("Echo", [{ text: "throw-undefined" }]),
    "gRPC throw of a string": grpc("Echo", [{ text: "throw-string" }]),
    "gRPC error with half a character": grpc("Echo", [{ text: "fail-half" }]),
    ...wrongAnswers("gRPC", (text) => grpc("Echo", [{ text }])),
    "gRPC server stream, error before messages": grpc("EchoServerStream", [{ text: "detail;fail:aborted=no" }]),
    "gRPC server stream, error after messages": grpc("EchoServerStream", [
      { text: "|detail;fail:aborted=no", count: 2 },
    ]),
    "gRPC server stream, undefined thrown after a message": grpc("EchoServerStream", [
      { text: "|throw-undefined", count: 1 },
    ]),
    "gRPC client stream, error at the second message": grpc("EchoClientStream", [
      { text: "a" },
      { text: "fail:aborted=no" },
      { text: "c" },
    ]),
    "gRPC bidi stream, error at the second message": grpc("EchoBidiStream", [
      { text: "a" },
      { text: "fail:aborted=no" },
      { text: "c" },
    ]),
    "gRPC bidi stream, plain error at once": grpc("EchoBidiStream", [{ text: "throw:a secret" }]),
    "Connect stream, error at the second message": connectStream("EchoBidiStream", [
      { text: "a" },
      { text: "fail:aborted=no" },
    ]),
  }),
  ...only("1.1", {
    ...ofEachCode("Connect", (text) => connectUnary("Echo", { text })),
    "Connect error without a message": connectUnary("Echo", { text: "fail:not_found" }),
    "Connect error with a message beyond ASCII": connectUnary("Echo", { text: "fail:not_found=50% é € 😀 \r\n" }),
    "Connect error of a code that does not exist": connectUnary("Echo", { text: "fail:99=why" }),
    "Connect throw of a plain error": connectUnary("Echo", { text: "throw:a secret" }),
    "Connect throw of undefined": connectUnary("Echo", { text: "throw-undefined" }),
    "Connect throw of a string": connectUnary("Echo", { text: "throw-string" }),
    "Connect error with half a character": connectUnary("Echo", { text: "fail-half" }),
    ...wrongAnswers("Connect", (text) => connectUnary("Echo", { text })),
    "Connect stream, undefined thrown": connectStream("EchoServerStream", [{ text: "throw-undefined" }]),
    "Connect stream, client-streaming error": connectStream("EchoClientStream", [{ text: "fail:unavailable=later" }]),
  }),
};
