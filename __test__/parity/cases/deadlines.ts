// Timeouts: kept, missed, malformed, too long.
import { configured, only } from "../parity-case.ts";
import { connectStream, connectUnary, grpc, grpcWeb } from "../request.ts";
import { hello } from "./messages.ts";

const grpcTimeout = (value: string) => ({ headers: [["grpc-timeout", value]] }) as const;
const connectTimeout = (value: string) => ({ headers: [["connect-timeout-ms", value]] }) as const;
const wait = [{ text: "wait" }];
/** A handler that does not look at its signal, and one answer later than its deadline. */
const sleep = [{ text: "sleep:400" }];

export default {
  ...only("2", {
    "gRPC, kept": grpc("Echo", hello, grpcTimeout("1S")),
    "gRPC, missed": grpc("Echo", wait, grpcTimeout("50m")),
    "gRPC, missed by a stream": grpc("EchoServerStream", [{ text: "|wait", count: 2 }], grpcTimeout("50m")),
    "gRPC, ignored by the handler": grpc("Echo", sleep, grpcTimeout("50m")),
    "gRPC, ignored by a client stream's handler": grpc("EchoClientStream", sleep, grpcTimeout("50m")),
    "gRPC, ignored by a stream's handler": grpc(
      "EchoServerStream",
      [{ text: "|sleep:400", count: 1 }],
      grpcTimeout("50m"),
    ),
    "gRPC, 0": grpc("Echo", sleep, grpcTimeout("0m")),
    "gRPC, 1 nanosecond": grpc("Echo", sleep, grpcTimeout("1n")),
    "gRPC, in hours": grpc("Echo", hello, grpcTimeout("1H")),
    "gRPC, longer than a timer of Node": grpc("Echo", [{ text: "pause:50" }], grpcTimeout("99999999S")),
    "gRPC, nine digits": grpc("Echo", hello, grpcTimeout("100000000m")),
    "gRPC, no unit": grpc("Echo", hello, grpcTimeout("50")),
    "gRPC, negative": grpc("Echo", hello, grpcTimeout("-1m")),
    "gRPC, unknown unit": grpc("Echo", hello, grpcTimeout("5s")),
    "gRPC, empty": grpc("Echo", hello, grpcTimeout("")),
    "gRPC, malformed for a stream": grpc("EchoServerStream", hello, grpcTimeout("soon")),
    "gRPC-Web, missed": grpcWeb("Echo", wait, grpcTimeout("50m")),
    "gRPC-Web, malformed": grpcWeb("Echo", hello, grpcTimeout("soon")),
  }),
  ...only("1.1", {
    "Connect, kept": connectUnary("Echo", { text: "hello" }, connectTimeout("1000")),
    "Connect, missed": connectUnary("Echo", { text: "wait" }, connectTimeout("50")),
    "Connect, ignored by the handler": connectUnary("Echo", { text: "sleep:400" }, connectTimeout("50")),
    "Connect, 0": connectUnary("Echo", { text: "sleep:50" }, connectTimeout("0")),
    "Connect, longer than a timer of Node": connectUnary("Echo", { text: "pause:50" }, connectTimeout("9999999999")),
    "Connect, eleven digits": connectUnary("Echo", { text: "hello" }, connectTimeout("10000000000")),
    "Connect, negative": connectUnary("Echo", { text: "hello" }, connectTimeout("-1")),
    "Connect, a fraction": connectUnary("Echo", { text: "hello" }, connectTimeout("1.5")),
    "Connect, no number": connectUnary("Echo", { text: "hello" }, connectTimeout("soon")),
    "Connect stream, missed": connectStream("EchoServerStream", [{ text: "|wait", count: 1 }], connectTimeout("50")),
    "Connect stream, malformed": connectStream("EchoServerStream", hello, connectTimeout("soon")),
  }),
  ...configured("strict", {
    ...only("2", { "gRPC, longer than allowed": grpc("Echo", hello, grpcTimeout("11S")) }),
    ...only("2", { "gRPC, as long as allowed": grpc("Echo", hello, grpcTimeout("10S")) }),
    ...only("1.1", { "Connect, longer than allowed": connectUnary("Echo", { text: "a" }, connectTimeout("10001")) }),
  }),
};
