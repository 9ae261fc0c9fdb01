// Four interceptors that pass the request on unchanged.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const interceptorsPassing: Case = {
  ...grpcUnary,
  name: "interceptors-passing",
  title: "gRPC unary, 4 interceptors that pass on",
  peers: ["connect-node"],
  variant: "passing",
  targets: { "connect-node": 15 },
};

export default interceptorsPassing;
