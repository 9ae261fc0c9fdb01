// gRPC unary on 16 connections: the cost of waking each one.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const grpcUnary16Connections: Case = {
  ...grpcUnary,
  name: "grpc-unary-16-connections",
  title: "gRPC unary, 16 connections",
  peers: ["connect-node", "grpc-js", "limit"],
  load: { connections: 16, concurrency: 4 },
  targets: {},
};

export default grpcUnary16Connections;
