// Echo of 1 MiB: the cost of copies.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { payload } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const echo1Mib: Case = {
  ...grpcUnary,
  name: "echo-1-mib",
  title: "gRPC echo of 1 MiB",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.bytes,
  requests: [payload(1024 * 1024)],
  responses: [payload(1024 * 1024)],
  load: { connections: 4, concurrency: 1 },
  targets: { limit: 2 },
};

export default echo1Mib;
