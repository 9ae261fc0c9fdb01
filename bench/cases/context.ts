// A handler that reads a header, sets one, and reads the signal of its call.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const context: Case = {
  ...grpcUnary,
  name: "context",
  title: "gRPC unary, headers and signal",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.context,
  sends: { "x-bench-token": "some-token" },
  expects: { "x-bench-answer": "some-token" },
  targets: {},
};

export default context;
