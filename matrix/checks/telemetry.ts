// Telemetry: spans, points and records of calls are exported by each protocol of OTLP when the server stops.
import type { Check } from "../check.ts";
import { exportedBy } from "./exported.ts";

export const telemetry: Check = {
  name: "telemetry, by each protocol of OTLP",
  async run(place) {
    for (const protocol of ["grpc", "http/protobuf", "http/json"] as const) await exportedBy(place, protocol);
  },
};
