// A typical message: ten fields of different types.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { profile } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const mixedFields: Case = {
  ...grpcUnary,
  name: "mixed-fields",
  title: "gRPC unary, 10 mixed fields",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.mixed,
  requests: [profile],
  responses: [profile],
  targets: { "connect-node": 10, "grpc-js": 3 },
};

export default mixedFields;
