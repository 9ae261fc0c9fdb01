// The options of Healthcheck(), their checks and their defaults.

import { assertBoolean, assertKnownKeys, isPlainObject, type Keys, MAX_TIMER_MS, shown } from "@connectum/hooks";
import { assertComponentName } from "./component-name.ts";
import type { CheckLogger, DependencyCheck } from "./dependency-check.ts";
import { assertManager, type HealthcheckManager, healthcheckManager } from "./healthcheck-manager.ts";
import { assertPaths, defaultHttpPaths } from "./http-paths.ts";

/** Options of `Healthcheck()`. */
export interface HealthcheckOptions {
  /** Whether health is also served over plain HTTP. Default: the variable `HTTP_HEALTH_ENABLED`, else false. */
  httpEnabled?: boolean | undefined;
  /**
   * The paths of the HTTP endpoints. `/livez`, `/readyz` and `/startupz` have their own meanings, every other path
   * reports the overall status. Default: `/healthz`, or the variable `HTTP_HEALTH_PATH` in its place, `/health`,
   * `/readyz`, `/livez`, `/startupz`.
   */
  httpPaths?: string[] | undefined;
  /** @deprecated Without effect: `Watch` reports changes when they happen, it does not poll. */
  watchInterval?: number | undefined;
  /** The manager whose statuses are served. Default: `healthcheckManager`, which is shared. */
  manager?: HealthcheckManager | undefined;
  /**
   * Whether the server's interceptors run for the health RPCs. These are then served in JavaScript, and wait while it
   * is busy. Default false. The HTTP endpoints never pass through interceptors.
   */
  interceptors?: boolean | undefined;
  /**
   * Whether the services become `SERVING` by themselves when the server is ready; at once on servers without that
   * event. The application still sets its components. Default false.
   */
  autoServing?: boolean | undefined;
  /** How late the event loop may be before the server is not ready, in milliseconds. Default 1,000. */
  eventLoopTimeout?: number | undefined;
  /** How long JavaScript may be silent before `/livez` fails, in milliseconds. Default 30,000. */
  livenessTimeout?: number | undefined;
  /**
   * Checks of the server's dependencies, by the name of the component that each sets. The component is `UNKNOWN` until
   * the first result, and an `update()` of all entries does not change it. Default none.
   */
  checks?: Record<string, DependencyCheck> | undefined;
  /** Milliseconds from the start of a check's run to that of the next. Default 10,000. */
  checkInterval?: number | undefined;
  /** How long a check may run, in milliseconds; then its signal aborts and it is `NOT_SERVING`. Default 5,000. */
  checkTimeout?: number | undefined;
  /** The log for the reasons of failed checks. Default `console`. */
  logger?: CheckLogger | undefined;
}

const KEYS = {
  httpEnabled: true,
  httpPaths: true,
  watchInterval: true,
  manager: true,
  interceptors: true,
  autoServing: true,
  eventLoopTimeout: true,
  livenessTimeout: true,
  checks: true,
  checkInterval: true,
  checkTimeout: true,
  logger: true,
} as const satisfies Keys<HealthcheckOptions>;

const OTHER_NAMES = { http: "httpEnabled", httpPath: "httpPaths", interval: "checkInterval", timeout: "checkTimeout" };

/** The options with their defaults. */
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

/** The words that `BooleanFromStringSchema` of `@connectum/core` reads. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  false: false,
  "0": false,
  no: false,
};

/**
 * Checks the options, and reads variables of the environment for those that are absent.
 *
 * @throws TypeError naming the option or variable with an invalid value
 */
export function resolveOptions(options: HealthcheckOptions, env: NodeJS.ProcessEnv): Settings {
  assertKnownKeys(options, KEYS, { where: "Healthcheck", otherNames: OTHER_NAMES });
  for (const option of ["httpEnabled", "interceptors", "autoServing"] as const) {
    assertBoolean("Healthcheck", option, options[option]);
  }
  milliseconds("watchInterval", options.watchInterval);
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
  if (!isPlainObject(checks)) {
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
