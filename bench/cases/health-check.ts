// A health check: the cost of a built-in service.
import { create } from "@bufbuild/protobuf";
import { Health, HealthCheckRequestSchema, HealthCheckResponseSchema } from "@connectum/healthcheck/proto";
import { BenchService } from "../../proto/gen/connectum/bench/v1/bench_pb.ts";
import type { Case } from "../case.ts";

const healthCheck: Case = {
  name: "health-check",
  title: "Health check of a service, gRPC",
  peers: ["connect-node", "limit"],
  variant: "health",
  protocol: "grpc",
  method: Health.method.check,
  requests: [create(HealthCheckRequestSchema, { service: BenchService.typeName })],
  responses: [create(HealthCheckResponseSchema, { status: 1 })],
  targets: { limit: 1.5 },
};

export default healthCheck;
