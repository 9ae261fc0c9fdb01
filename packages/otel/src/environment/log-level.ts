// The least severe log records that are emitted, by LOG_LEVEL.
import { choiceOf, type Environment } from "./variables.ts";

/** From the least severe to none at all. */
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export type LogLevel = (typeof LEVELS)[number];

/**
 * In any case. Undefined if it is unset: then everything is emitted.
 *
 * @throws EnvVarError for any other value
 */
export function logLevelOf(env: Environment): LogLevel | undefined {
  return choiceOf({ LOG_LEVEL: env["LOG_LEVEL"]?.toLowerCase() || undefined }, "LOG_LEVEL", LEVELS);
}

/** Whether a record of a level is emitted. */
export function isAtLeast(level: LogLevel, least: LogLevel | undefined): boolean {
  return least === undefined || LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
