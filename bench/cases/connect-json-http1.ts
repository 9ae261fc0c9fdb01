// Connect unary with JSON over HTTP/1.1: as curl and fetch() send it. One call at a time per connection.
import type { Case } from "../case.ts";
import grpcUnary from "./grpc-unary.ts";

const connectJsonHttp1: Case = {
  ...grpcUnary,
  name: "connect-json-http1",
  title: "Connect JSON over HTTP/1.1",
  peers: ["connect-node", "limit"],
  variant: "http1",
  protocol: "connect",
  json: true,
  load: { connections: 64, concurrency: 1 },
  targets: { "connect-node": 12 },
};

export default connectJsonHttp1;
