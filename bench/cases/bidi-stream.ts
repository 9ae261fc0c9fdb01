// 1,000 small messages, each echoed. h2load sends all without waiting for responses.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { thousandSmall } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const bidiStream: Case = {
  ...grpcUnary,
  name: "bidi-stream",
  title: "gRPC bidi stream, 1,000 pairs",
  peers: ["connect-node", "grpc-js", "limit"],
  method: BenchService.method.bidiStream,
  requests: thousandSmall,
  responses: thousandSmall,
  load: { connections: 4, concurrency: 4 },
  targets: { "connect-node": 4, "grpc-js": 3, overCodec: 0.7 },
};

export default bidiStream;
