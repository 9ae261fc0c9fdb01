// The protocol that applications hand to createServer().
import process from "node:process";
import type { ProtocolContext, ProtocolRegistration } from "@connectum/core/types";
import { withBuiltInProtocol } from "@connectum/hooks";
import { Health } from "../gen/grpc/health/v1/health_pb.js";
import { DependencyChecks } from "./dependency-checks.ts";
import { healthService } from "./health-service.ts";
import { HealthView } from "./health-view.ts";
import { type HealthcheckOptions, resolveOptions } from "./healthcheck-options.ts";
import { createHttpHealthHandler } from "./http-health-handler.ts";
import { ServedHealth } from "./served-health.ts";

/** Services of these packages are parts of the framework, whose health nobody asks for. */
const FRAMEWORK_PACKAGES = ["grpc.health.", "grpc.reflection."];

/**
 * Health as a protocol: `createServer({ services, protocols: [Healthcheck({ httpEnabled: true })] })`.
 *
 * Statuses are `UNKNOWN` until the application sets them, or with `autoServing`. While the server stops it reports
 * everything `NOT_SERVING` by itself. A server of `@connectum/core` answers in Rust; on others `register` and
 * `httpHandler` answer in JavaScript.
 *
 * @throws TypeError naming an option, or a variable, with a value that it cannot have
 */
export function Healthcheck(options: HealthcheckOptions = {}): ProtocolRegistration {
  const settings = resolveOptions(options, process.env);
  const { manager, httpEnabled, httpPaths } = settings;
  const checks = new DependencyChecks(settings);
  const state = new ServedHealth(settings, checks);
  let isAlone = true;

  const registration: ProtocolRegistration = {
    name: "healthcheck",
    register(router, { registry, server }) {
      // A server of core tells `state` of its services, when all protocols have registered theirs.
      if (server === undefined) {
        state.initialize(servicesOf(registry));
        state.ready();
        // Such a server does not say when it ends, nor how often it asks for its routes.
        if (isAlone) checks.start();
        isAlone = false;
      }
      router.service(Health, healthService(new HealthView(manager, server?.shutdownSignal)));
    },
  };
  if (httpEnabled) registration.httpHandler = createHttpHealthHandler(manager, httpPaths);
  return withBuiltInProtocol(registration, { kind: "health", state });
}

/** All services of all files: which of them are mounted is not told. */
function servicesOf(registry: ProtocolContext["registry"]): string[] {
  return registry
    .flatMap(({ services }) => services.map(({ typeName }) => typeName))
    .filter((name) => !FRAMEWORK_PACKAGES.some((prefix) => name.startsWith(prefix)));
}
