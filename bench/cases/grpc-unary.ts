// gRPC unary, an echo of 52 bytes: the cost of a small call.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { small } from "../messages.ts";

const grpcUnary: Case = {
  name: "grpc-unary",
  title: "gRPC unary, 52 bytes",
  peers: ["connect-node", "grpc-js", "limit"],
  protocol: "grpc",
  method: BenchService.method.unary,
  requests: [small],
  responses: [small],
  targets: { "connect-node": 25, "grpc-js": 5, limit: 2.5 },
};

export default grpcUnary;
