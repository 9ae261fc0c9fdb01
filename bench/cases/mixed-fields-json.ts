// The same message as JSON.
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";
import { profile } from "../messages.ts";
import grpcUnary from "./grpc-unary.ts";

const mixedFieldsJson: Case = {
  ...grpcUnary,
  name: "mixed-fields-json",
  title: "Connect unary, JSON of 10 mixed fields",
  peers: ["connect-node", "limit"],
  protocol: "connect",
  json: true,
  method: BenchService.method.mixed,
  requests: [profile],
  responses: [profile],
  targets: { "connect-node": 6 },
};

export default mixedFieldsJson;
