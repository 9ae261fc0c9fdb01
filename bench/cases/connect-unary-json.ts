// Connect unary with JSON, over HTTP/2.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const connectUnaryJson: Case = {
  ...grpcUnary,
  name: "connect-unary-json",
  title: "Connect unary, JSON",
  peers: ["connect-node", "limit"],
  protocol: "connect",
  json: true,
  targets: { "connect-node": 12 },
};

export default connectUnaryJson;
