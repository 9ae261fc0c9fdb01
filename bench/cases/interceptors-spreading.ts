// Two interceptors that pass a copy on, which creates everything that is lazy in a request.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const interceptorsSpreading: Case = {
  ...grpcUnary,
  name: "interceptors-spreading",
  title: "gRPC unary, 2 interceptors that spread the request",
  peers: ["connect-node"],
  variant: "spreading",
  targets: { "connect-node": 10 },
};

export default interceptorsSpreading;
