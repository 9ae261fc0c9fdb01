// The options of Healthcheck(): what they are, what they default to, what they may be.

import { assertBoolean, assertObject, MAX_TIMER_MS, shown } from "@connectum/hooks";
import { assertComponentName } from "./component-name.ts";
import type { CheckLogger, DependencyCheck } from "./dependency-check.ts";
import { assertManager, type HealthcheckManager, healthcheckManager } from "./healthcheck-manager.ts";
import { assertPaths, defaultHttpPaths } from "./http-paths.ts";

/** Options of `Healthcheck()`. */
export interface HealthcheckOptions {
  /** Whether health is answered over plain HTTP too. Default: the variable `HTTP_HEALTH_ENABLED`, else false. */
  httpEnabled?: boolean | undefined;
  /**
   * Where. `/livez`, `/readyz` and `/startupz` have meanings of their own, every other path reports the overall status.
   * Default: `/healthz`, or what the variable `HTTP_HEALTH_PATH` says instead, `/health`, `/readyz`, `/livez`, `/startupz`.
   */
  httpPaths?: string[] | undefined;
  /** @deprecated Without effect: `Watch` is told of changes when they happen, it does not poll. */
  watchInterval?: number | undefined;
  /** Whose statuses are served. Default: `healthcheckManager`, which all share that have no other. */
  manager?: HealthcheckManager | undefined;
  /**
   * Whether the server's interceptors run for the health RPCs. They are answered in JavaScript then, and only while it
   * is not busy. Default false. The HTTP endpoints never pass through interceptors.
   */
  interceptors?: boolean | undefined;
  /**
   * Whether the services become `SERVING` by themselves when the server is ready; on servers that do not say when that
   * is, at once. Components are the application's all the same. Default false.
   */
  autoServing?: boolean | undefined;
  /** Milliseconds that the event loop may be late before the server is not ready. Default 1,000. */
  eventLoopTimeout?: number | undefined;
  /** Milliseconds without a sign of life from JavaScript until `/livez` fails. Default 30,000. */
  livenessTimeout?: number | undefined;
  /**
   * Checks of what the server depends on, by the name of the component that each sets. Such a component is `UNKNOWN`
   * until the first result, and a blanket `update()` leaves it alone. Default none.
   */
  checks?: Record<string, DependencyCheck> | undefined;
  /** Milliseconds from one run of a check to the next. Default 10,000. */
  checkInterval?: number | undefined;
  /** Milliseconds that a check may take; beyond, its signal aborts and its component is `NOT_SERVING`. Default 5,000. */
  checkTimeout?: number | undefined;
  /** Where the reasons of failed checks go. Default `console`. */
  logger?: CheckLogger | undefined;
}

/** The options, with what holds where one is absent. */
export interface Settings {
  readonly httpEnabled: boolean;
  readonly httpPaths: readonly string[];
  readonly manager: HealthcheckManager;
  readonly interceptors: boolean;
  readonly autoServing: boolean;
  readonly eventLoopTimeout: number;
  readonly livenessTimeout: number;
  readonly checks: ReadonlyMap<string, DependencyCheck>;
  readonly checkInterval: number;
  readonly checkTimeout: number;
  readonly logger: CheckLogger;
}

/** As `BooleanFromStringSchema` of core reads them. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  false: false,
  "0": false,
  no: false,
};

/**
 * Looks at every option, and at the variables where one is absent.
 *
 * @throws TypeError naming an option or a variable with a value that it cannot have
 */
export function resolveOptions(options: HealthcheckOptions, env: NodeJS.ProcessEnv): Settings {
  assertObject("Healthcheck", "the options", options);
  for (const option of ["httpEnabled", "interceptors", "autoServing"] as const) {
    assertBoolean("Healthcheck", option, options[option]);
  }
  const { httpPaths, manager = healthcheckManager, checks = {}, logger = console } = options;
  if (httpPaths !== undefined) assertPaths("Healthcheck: httpPaths", httpPaths);
  assertManager("Healthcheck: manager", manager);
  if (typeof logger?.error !== "function") {
    throw new TypeError(`Healthcheck: logger must be an object with the method error, not ${shown(logger)}`);
  }
  return {
    httpEnabled: options.httpEnabled ?? enabledByEnv(env) ?? false,
    httpPaths: [...new Set(httpPaths ?? defaultHttpPaths(env))],
    manager,
    interceptors: options.interceptors ?? false,
    autoServing: options.autoServing ?? false,
    eventLoopTimeout: milliseconds("eventLoopTimeout", options.eventLoopTimeout) ?? 1_000,
    livenessTimeout: milliseconds("livenessTimeout", options.livenessTimeout) ?? 30_000,
    checks: checksOf(checks),
    checkInterval: milliseconds("checkInterval", options.checkInterval) ?? 10_000,
    checkTimeout: milliseconds("checkTimeout", options.checkTimeout) ?? 5_000,
    logger,
  };
}

function milliseconds(option: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_TIMER_MS) return value;
  throw new TypeError(
    `Healthcheck: ${option} must be an integer of milliseconds from 1 to ${MAX_TIMER_MS}, not ${shown(value)}`,
  );
}

function checksOf(checks: unknown): Map<string, DependencyCheck> {
  if (typeof checks !== "object" || checks === null || Array.isArray(checks)) {
    throw new TypeError(`Healthcheck: checks must be an object of functions, not ${shown(checks)}`);
  }
  const entries = Object.entries(checks);
  for (const [name, check] of entries) {
    try {
      assertComponentName(name);
    } catch (error) {
      throw new TypeError(`Healthcheck: checks: ${(error as Error).message}`);
    }
    if (typeof check === "function") continue;
    throw new TypeError(`Healthcheck: checks[${JSON.stringify(name)}] must be a function, not ${shown(check)}`);
  }
  return new Map(entries);
}

function enabledByEnv(env: NodeJS.ProcessEnv): boolean | undefined {
  const text = env["HTTP_HEALTH_ENABLED"];
  if (!text) return undefined;
  if (Object.hasOwn(BOOLEANS, text)) return BOOLEANS[text];
  const words = Object.keys(BOOLEANS).sort().join(", ");
  throw new TypeError(`Healthcheck: the variable HTTP_HEALTH_ENABLED must be one of ${words}, not ${shown(text)}`);
}
