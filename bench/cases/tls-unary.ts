// gRPC unary over TLS, on connections that are opened once.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const tlsUnary: Case = {
  ...grpcUnary,
  name: "tls-unary",
  title: "gRPC unary over TLS",
  peers: ["connect-node", "grpc-js", "limit"],
  variant: "tls",
  targets: { "connect-node": 15, "grpc-js": 4 },
};

export default tlsUnary;
