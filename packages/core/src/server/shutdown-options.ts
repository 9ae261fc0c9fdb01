// The options of shutdown: their types, their checks, and their defaults.
import process from "node:process";
import {
  assertBoolean,
  assertInteger,
  assertKnownKeys,
  assertOneOf,
  type Keys,
  MAX_TIMER_MS,
  shown,
} from "@connectum/hooks";
import type { z } from "zod";
import { EnvVarError } from "../options/env.ts";
import { type ConnectumEnv, ConnectumEnvSchema } from "../options/env-schema.ts";

/** Options of shutdown. */
export interface ShutdownOptions {
  /**
   * How long the server goes on as before when it begins to stop, in milliseconds: the state is `stopping` and health
   * says NOT_SERVING, but connections and calls are accepted, and nobody is asked to leave. For load balancers that
   * take their time to notice. Then `shutdownSignal` aborts, and `timeout` begins. Default 0.
   */
  gracePeriod?: number | undefined;
  /**
   * How long calls in flight may take to end, in milliseconds. Default: the variable `GRACEFUL_SHUTDOWN_TIMEOUT_MS`,
   * else 30,000.
   */
  timeout?: number | undefined;
  /**
   * How long streams may go on before their signals abort, in milliseconds, at most `timeout`. Default 5,000, or
   * `timeout` if that is less.
   */
  streamGracePeriod?: number | undefined;
  /**
   * How long each shutdown hook may take, in milliseconds; a hook that takes longer has failed, and nobody waits for it
   * any more. Default 0, which is no limit.
   */
  hookTimeout?: number | undefined;
  /** Signals of the process that stop the server, with `autoShutdown`. Default `SIGTERM` and `SIGINT`. */
  signals?: NodeJS.Signals[] | undefined;
  /** Whether signals of the process stop the server. Default: the variable `GRACEFUL_SHUTDOWN_ENABLED`, else false. */
  autoShutdown?: boolean | undefined;
  /**
   * Whether what has not ended by `timeout` is ended: calls fail with `unavailable`, and half a second later all
   * connections are closed. Default true.
   */
  forceCloseOnTimeout?: boolean | undefined;
}

/** {@link ShutdownOptions} with every default filled in. */
export type ResolvedShutdownOptions = {
  readonly [K in keyof Required<ShutdownOptions>]: NonNullable<ShutdownOptions[K]>;
};

const SHUTDOWN_OPTION_KEYS = {
  gracePeriod: true,
  timeout: true,
  streamGracePeriod: true,
  hookTimeout: true,
  signals: true,
  autoShutdown: true,
  forceCloseOnTimeout: true,
} as const satisfies Keys<ShutdownOptions>;

const OTHER_NAMES = { auto: "autoShutdown", enabled: "autoShutdown", forceTimeout: "forceCloseOnTimeout" };

/** The signals of every platform: a program may name one that its own platform lacks. */
const SIGNALS: readonly NodeJS.Signals[] = [
  ...(["SIGABRT", "SIGALRM", "SIGBREAK", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL"] as const),
  ...(["SIGINFO", "SIGINT", "SIGIO", "SIGIOT", "SIGLOST", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR"] as const),
  ...(["SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU"] as const),
  ...(["SIGUNUSED", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ"] as const),
];

/**
 * The values of absent options: the environment variable if it is set and not empty, else the default.
 *
 * @throws EnvVarError for an invalid variable
 */
export function shutdownDefaults(env: NodeJS.ProcessEnv = process.env): ResolvedShutdownOptions {
  return {
    gracePeriod: 0,
    timeout: variable(env, "GRACEFUL_SHUTDOWN_TIMEOUT_MS") ?? 30_000,
    streamGracePeriod: 5_000,
    hookTimeout: 0,
    signals: ["SIGTERM", "SIGINT"],
    autoShutdown: variable(env, "GRACEFUL_SHUTDOWN_ENABLED") ?? false,
    forceCloseOnTimeout: true,
  };
}

/**
 * Checks the options, and fills in what is absent.
 *
 * @throws TypeError or RangeError for an invalid option
 */
export function resolveShutdownOptions(
  options: ShutdownOptions | undefined,
  defaults: ResolvedShutdownOptions,
): ResolvedShutdownOptions {
  if (options !== undefined) checkShutdownOptions(options, defaults);
  const timeout = options?.timeout ?? defaults.timeout;
  return {
    gracePeriod: options?.gracePeriod ?? defaults.gracePeriod,
    timeout,
    streamGracePeriod: Math.min(options?.streamGracePeriod ?? defaults.streamGracePeriod, timeout),
    hookTimeout: options?.hookTimeout ?? defaults.hookTimeout,
    signals: options?.signals ?? defaults.signals,
    autoShutdown: options?.autoShutdown ?? defaults.autoShutdown,
    forceCloseOnTimeout: options?.forceCloseOnTimeout ?? defaults.forceCloseOnTimeout,
  };
}

function checkShutdownOptions(options: ShutdownOptions, defaults: ResolvedShutdownOptions): void {
  assertKnownKeys(options, SHUTDOWN_OPTION_KEYS, {
    where: "createServer",
    option: "shutdown",
    otherNames: OTHER_NAMES,
  });
  for (const name of ["gracePeriod", "timeout", "streamGracePeriod", "hookTimeout"] as const) {
    if (options[name] !== undefined) {
      assertInteger("createServer", `shutdown.${name}`, options[name], 0, MAX_TIMER_MS);
    }
  }
  const { timeout = defaults.timeout, streamGracePeriod, signals, autoShutdown, forceCloseOnTimeout } = options;
  if (streamGracePeriod !== undefined && streamGracePeriod > timeout) {
    const most = `shutdown.timeout, which is ${timeout}`;
    throw new RangeError(`createServer: shutdown.streamGracePeriod must be at most ${most}, not ${streamGracePeriod}`);
  }
  assertBoolean("createServer", "shutdown.autoShutdown", autoShutdown);
  assertBoolean("createServer", "shutdown.forceCloseOnTimeout", forceCloseOnTimeout);
  if (signals === undefined) return;
  if (!Array.isArray(signals)) {
    throw new TypeError(`createServer: shutdown.signals must be an array, not ${shown(signals)}`);
  }
  for (const [index, signal] of signals.entries()) {
    // SIGKILL and SIGSTOP are not in the list, as no process can handle them.
    assertOneOf("createServer", `shutdown.signals[${index}]`, signal, SIGNALS);
  }
}

/** What the schema makes of the usual texts. It is asked about the others alone, because loading zod takes time. */
const USUAL: { readonly [Name in keyof ConnectumEnv]?: (text: string) => ConnectumEnv[Name] | undefined } = {
  GRACEFUL_SHUTDOWN_TIMEOUT_MS: (text) => (/^\d{1,5}$/.test(text) ? Number(text) : undefined),
  GRACEFUL_SHUTDOWN_ENABLED: (text) => ({ true: true, false: false })[text],
};

/** The value of a variable; undefined if it is not set. */
function variable<Name extends keyof ConnectumEnv>(env: NodeJS.ProcessEnv, name: Name): ConnectumEnv[Name] | undefined {
  const text = env[name];
  if (!text) return undefined;
  const usual = USUAL[name]?.(text);
  if (usual !== undefined) return usual;
  // TypeScript does not see that the schema of a name parses to the type of that name.
  const schema = ConnectumEnvSchema.shape[name] as unknown as z.ZodType<ConnectumEnv[Name]>;
  const { data, error } = schema.safeParse(text);
  if (error !== undefined) throw new EnvVarError(name, `cannot be ${shown(text)}: ${error.issues[0]?.message}`);
  return data;
}
