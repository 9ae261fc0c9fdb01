// A message that keeps the codec busy: 1,000 strings.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { texts } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const thousandStrings: Case = {
  ...grpcUnary,
  name: "thousand-strings",
  title: "gRPC unary, 1,000 strings",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.strings,
  requests: [texts],
  responses: [texts],
  load: { connections: 4, concurrency: 4 },
  targets: { "connect-node": 5, "grpc-js": 2.5 },
};

export default thousandStrings;
