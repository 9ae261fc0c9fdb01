// 16 KiB of text, compressed both ways. Without grpc-js, whose server does not compress.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { compressible } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const gzip: Case = {
  ...grpcUnary,
  name: "gzip",
  title: "gRPC unary, gzip both ways, 16 KiB",
  peers: ["connect-node", "limit"],
  gzip: true,
  method: BenchService.method.strings,
  requests: [compressible],
  responses: [compressible],
  load: { connections: 4, concurrency: 4 },
  targets: {},
};

export default gzip;
