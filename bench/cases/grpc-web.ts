// gRPC-Web unary, over HTTP/2.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const grpcWeb: Case = {
  ...grpcUnary,
  name: "grpc-web",
  title: "gRPC-Web unary",
  peers: ["connect-node", "limit"],
  protocol: "grpc-web",
  targets: { "connect-node": 12 },
};

export default grpcWeb;
