// gRPC unary, all calls on one connection, which one of our threads serves.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const grpcUnary1Connection: Case = {
  ...grpcUnary,
  name: "grpc-unary-1-connection",
  title: "gRPC unary, 1 connection",
  peers: ["connect-node", "grpc-js", "limit"],
  load: { connections: 1, concurrency: 64 },
  targets: {},
};

export default grpcUnary1Connection;
