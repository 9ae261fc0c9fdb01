// Readers of single environment variables. Nothing is cached: each call reads.
import { MAX_TIMER_MS } from "@connectum/hooks";
import { EnvVarError } from "./env-var-error.ts";

/** `process.env`, or a part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value; undefined if the variable is unset or empty. */
export function textOf(env: Environment, variable: string): string | undefined {
  return env[variable] || undefined;
}

/**
 * One of some names; undefined if the variable is unset.
 *
 * @throws EnvVarError for any other value, the empty one too
 */
export function choiceOf<T extends string>(env: Environment, variable: string, allowed: readonly T[]): T | undefined {
  const value = env[variable];
  if (value === undefined) return undefined;
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new EnvVarError(variable, `one of [${allowed.join(", ")}]`, value);
}

/**
 * An integer from 0 to 2,147,483,647, the longest delay of a timer.
 *
 * @throws EnvVarError for any other value, the empty one too
 */
export function integerOf(env: Environment, variable: string, fallback: number): number {
  const value = env[variable];
  if (value === undefined) return fallback;
  if (!/^-?\d+$/.test(value)) throw new EnvVarError(variable, "a valid integer", value);
  if (value.startsWith("-")) throw new EnvVarError(variable, "a positive integer", value);
  const number = Number(value);
  if (number > MAX_TIMER_MS) throw new EnvVarError(variable, `at most ${MAX_TIMER_MS}`, value);
  return number;
}
