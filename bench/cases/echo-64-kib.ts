// Echo of 64 KiB: copies begin to show.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { payload } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const echo64Kib: Case = {
  ...grpcUnary,
  name: "echo-64-kib",
  title: "gRPC echo of 64 KiB",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.bytes,
  requests: [payload(64 * 1024)],
  responses: [payload(64 * 1024)],
  load: { connections: 4, concurrency: 4 },
  targets: { limit: 2 },
};

export default echo64Kib;
