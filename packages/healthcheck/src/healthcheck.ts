// Health as a protocol for createServer().
import process from "node:process";
import type { ProtocolContext, ProtocolRegistration } from "@connectum/core/types";
import { markFactory, withBuiltInProtocol } from "@connectum/hooks";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { DependencyChecks } from "./dependency-checks.ts";
import { healthService } from "./health-service.ts";
import { HealthView } from "./health-view.ts";
import { type HealthcheckOptions, resolveOptions } from "./healthcheck-options.ts";
import { createHttpHealthHandler } from "./http-health-handler.ts";
import { ServedHealth } from "./served-health.ts";

/** Services of these packages belong to the framework and have no entries. */
const FRAMEWORK_PACKAGES = ["grpc.health.", "grpc.reflection."];

/**
 * Health as a protocol: `createServer({ services, protocols: [Healthcheck({ httpEnabled: true })] })`.
 *
 * Statuses are `UNKNOWN` until the application sets them, or the server is ready with `autoServing`. While the server
 * stops, everything is reported as `NOT_SERVING`. A server of `@connectum/core` responds in Rust; on others `register`
 * and `httpHandler` respond in JavaScript.
 *
 * @throws TypeError naming the option or variable with an invalid value
 */
export function Healthcheck(options: HealthcheckOptions = {}): ProtocolRegistration {
  const settings = resolveOptions(options, process.env);
  const { manager, httpEnabled, httpPaths } = settings;
  const checks = new DependencyChecks(settings);
  const state = new ServedHealth(settings, checks);
  let isFirst = true;

  const registration: ProtocolRegistration = {
    name: "healthcheck",
    register(router, { registry, server }) {
      // A server of core calls `state.initialize` when all protocols have registered their services.
      if (server === undefined) {
        state.initialize(servicesOf(registry));
        state.ready();
        // Such a server neither says when it stops, nor registers only once.
        if (isFirst) checks.start();
        isFirst = false;
      }
      router.service(Health, healthService(new HealthView(manager, server?.shutdownSignal)));
    },
  };
  if (httpEnabled) registration.httpHandler = createHttpHealthHandler(manager, httpPaths);
  return withBuiltInProtocol(registration, { kind: "health", state });
}

markFactory(Healthcheck, "Healthcheck()");

/** All services of all files: the registry does not say which of them are mounted. */
function servicesOf(registry: ProtocolContext["registry"]): string[] {
  return registry
    .flatMap(({ services }) => services.map(({ typeName }) => typeName))
    .filter((name) => !FRAMEWORK_PACKAGES.some((prefix) => name.startsWith(prefix)));
}
