// The statuses that health speaks in.
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`, also by number: `ServingStatus[1]` is `"SERVING"`. */
export { ServingStatus };

/** What a manager says of one entry. */
export interface ServiceStatus {
  status: ServingStatus;
}

/** @returns its name; `UNKNOWN` for a number that is no status */
export function statusName(status: ServingStatus): string {
  return ServingStatus[status] ?? "UNKNOWN";
}
