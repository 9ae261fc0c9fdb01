// One small request message, 1,000 responses.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { thousandSmall } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const serverStream: Case = {
  ...grpcUnary,
  name: "server-stream",
  title: "gRPC server stream, 1,000 messages",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.serverStream,
  responses: thousandSmall,
  load: { connections: 4, concurrency: 4 },
  targets: { "connect-node": 4, "grpc-js": 3, overCodec: 0.7 },
};

export default serverStream;
