// Connect unary with protobuf.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const connectUnary: Case = {
  ...grpcUnary,
  name: "connect-unary",
  title: "Connect unary, protobuf",
  peers: ["connect-node", "limit"],
  protocol: "connect",
  targets: { "connect-node": 12 },
};

export default connectUnary;
