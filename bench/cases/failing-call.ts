// A call that fails with a detail and metadata. Without grpc-js, which has no details.
import { Code } from "@connectrpc/connect";
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const failingCall: Case = {
  ...grpcUnary,
  name: "failing-call",
  title: "gRPC unary that fails, with a detail",
  peers: ["connect-node", "limit"],
  method: BenchService.method.fail,
  responses: [],
  failure: Code.NotFound,
  expects: { "x-bench-answer": "failed" },
  targets: {},
};

export default failingCall;
