// The options of stopping: what they are, what they default to, what they may be.
import process from "node:process";
import type { z } from "zod";
import { ConnectumEnvSchema } from "../config.ts";
import { EnvVarError } from "../options/env.ts";
import { assertBoolean, assertInteger, assertObject, assertOneOf, shown } from "../options/option-checks.ts";

/** Options of stopping. */
export interface ShutdownOptions {
  /**
   * How long calls in flight may take to end, in milliseconds. Default: the variable `GRACEFUL_SHUTDOWN_TIMEOUT_MS`,
   * else 30,000.
   */
  timeout?: number | undefined;
  /** How long streams are let be before their signals abort, in milliseconds. Default 5,000; at most `timeout`. */
  streamGracePeriod?: number | undefined;
  /** Signals that stop the server, with `autoShutdown`. Default `SIGTERM` and `SIGINT`. */
  signals?: NodeJS.Signals[] | undefined;
  /** Whether signals of the process stop the server. Default: the variable `GRACEFUL_SHUTDOWN_ENABLED`, else false. */
  autoShutdown?: boolean | undefined;
  /** Whether connections that have not ended by `timeout` are cut. Default true. */
  forceCloseOnTimeout?: boolean | undefined;
}

/** The options that the environment has a say in. */
export interface ShutdownDefaults {
  readonly timeout: number;
  readonly autoShutdown: boolean;
}

/** The longest time a timer can measure, in milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Of every platform: a program may name one that its own does not have. */
const SIGNALS: readonly NodeJS.Signals[] = [
  ...(["SIGABRT", "SIGALRM", "SIGBREAK", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL"] as const),
  ...(["SIGINFO", "SIGINT", "SIGIO", "SIGIOT", "SIGLOST", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR"] as const),
  ...(["SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU"] as const),
  ...(["SIGUNUSED", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ"] as const),
];

/** @throws TypeError or RangeError for a value that an option cannot have */
export function checkShutdownOptions(options: ShutdownOptions | undefined): void {
  if (options === undefined) return;
  assertObject("createServer", "shutdown", options);
  const { timeout, streamGracePeriod, signals, autoShutdown, forceCloseOnTimeout } = options;
  if (timeout !== undefined) assertInteger("createServer", "shutdown.timeout", timeout, 0, MAX_TIMEOUT_MS);
  if (streamGracePeriod !== undefined) {
    assertInteger("createServer", "shutdown.streamGracePeriod", streamGracePeriod, 0, MAX_TIMEOUT_MS);
  }
  assertBoolean("createServer", "shutdown.autoShutdown", autoShutdown);
  assertBoolean("createServer", "shutdown.forceCloseOnTimeout", forceCloseOnTimeout);
  if (signals === undefined) return;
  if (!Array.isArray(signals)) {
    throw new TypeError(`createServer: shutdown.signals must be an array, not ${shown(signals)}`);
  }
  for (const [index, signal] of signals.entries()) {
    // No process can watch SIGKILL and SIGSTOP, so they are not in the list.
    assertOneOf("createServer", `shutdown.signals[${index}]`, signal, SIGNALS);
  }
}

/**
 * What holds where an option is absent: the variable if it is set and not empty, else the default.
 *
 * @throws EnvVarError for a variable that has a value it cannot have
 */
export function shutdownDefaults(env: NodeJS.ProcessEnv = process.env): ShutdownDefaults {
  const { GRACEFUL_SHUTDOWN_TIMEOUT_MS, GRACEFUL_SHUTDOWN_ENABLED } = ConnectumEnvSchema.shape;
  return {
    timeout: variable(env, "GRACEFUL_SHUTDOWN_TIMEOUT_MS", GRACEFUL_SHUTDOWN_TIMEOUT_MS) ?? 30_000,
    autoShutdown: variable(env, "GRACEFUL_SHUTDOWN_ENABLED", GRACEFUL_SHUTDOWN_ENABLED) ?? false,
  };
}

function variable<T>(env: NodeJS.ProcessEnv, name: string, schema: z.ZodType<T>): T | undefined {
  const text = env[name];
  if (!text) return undefined;
  const { data, error } = schema.safeParse(text);
  if (error !== undefined) throw new EnvVarError(name, `cannot be ${shown(text)}: ${error.issues[0]?.message}`);
  return data;
}
