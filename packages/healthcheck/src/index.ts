// The exports of `@connectum/healthcheck`.
export type { CheckLogger, CheckResult, DependencyCheck } from "./dependency-check.ts";
export { Healthcheck } from "./healthcheck.ts";
export { createHealthcheckManager, HealthcheckManager, healthcheckManager } from "./healthcheck-manager.ts";
export type { HealthcheckOptions } from "./healthcheck-options.ts";
export { createHttpHealthHandler } from "./http-health-handler.ts";
export { parseServiceFromUrl } from "./service-from-url.ts";
export { type ServiceStatus, ServingStatus } from "./serving-status.ts";
export type { StatusChange, StatusListener } from "./status-table.ts";
