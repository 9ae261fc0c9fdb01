// 1,000 small request messages, one response.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { thousandSmall } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const clientStream: Case = {
  ...grpcUnary,
  name: "client-stream",
  title: "gRPC client stream, 1,000 messages",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.clientStream,
  requests: thousandSmall,
  load: { connections: 4, concurrency: 4 },
  targets: { "connect-node": 3, "grpc-js": 1.2, overCodec: 0.5 },
};

export default clientStream;
