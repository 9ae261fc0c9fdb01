// The statuses of grpc.health.v1.
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`, also by number: `ServingStatus[1]` is `"SERVING"`. */
export { ServingStatus };

/** The state of one entry of a manager. */
export interface ServiceStatus {
  status: ServingStatus;
}

/** @returns the name of a status; `UNKNOWN` for other numbers */
export function statusName(status: ServingStatus): string {
  return ServingStatus[status] ?? "UNKNOWN";
}
