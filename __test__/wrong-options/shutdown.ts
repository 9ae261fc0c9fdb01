// Wrong options of `shutdown`.
import type { ShutdownOptions } from "@connectum/core";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;
const time = (option: string, given: string, name = "RangeError") =>
  `${name}: createServer: shutdown.${option} must be an integer from 0 to ${MAX_TIMER_MS}, not ${given}`;

/** Every signal but the two that no process can handle. */
const signals = [
  ...["SIGABRT", "SIGALRM", "SIGBREAK", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINFO"],
  ...["SIGINT", "SIGIO", "SIGIOT", "SIGLOST", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGSEGV"],
  ...["SIGSTKFLT", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUNUSED", "SIGURG", "SIGUSR1"],
  ...["SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ"],
];
const signal = (index: number, given: string, name = "RangeError") =>
  `${name}: createServer: shutdown.signals[${index}] must be one of ${signals.map((one) => `"${one}"`).join(", ")}, not ${given}`;

export const shutdown: OptionsObject<ShutdownOptions> = {
  name: "createServer",
  prefix: "shutdown.",
  use: (options) => start({ shutdown: options }),
  mistaken: { auto: "autoShutdown", enabled: "autoShutdown", forceTimeout: "forceCloseOnTimeout" },
  wrong: {
    gracePeriod: [
      [{ gracePeriod: -1 }, time("gracePeriod", "-1")],
      [{ gracePeriod: null }, time("gracePeriod", "null", "TypeError")],
    ],
    timeout: [
      [{ timeout: -1 }, time("timeout", "-1")],
      [{ timeout: Number.POSITIVE_INFINITY }, time("timeout", "Infinity")],
      [{ timeout: "30s" }, time("timeout", '"30s"', "TypeError")],
    ],
    streamGracePeriod: [
      [{ streamGracePeriod: Number.NaN }, time("streamGracePeriod", "NaN")],
      [
        { timeout: 100, streamGracePeriod: 101 },
        "RangeError: createServer: shutdown.streamGracePeriod must be at most shutdown.timeout, which is 100, not 101",
      ],
    ],
    hookTimeout: [[{ hookTimeout: "5s" }, time("hookTimeout", '"5s"', "TypeError")]],
    signals: [
      [{ signals: "SIGTERM" }, 'TypeError: createServer: shutdown.signals must be an array, not "SIGTERM"'],
      [{ signals: ["SIGTERM", "SIGTREM"] }, signal(1, '"SIGTREM"')],
      [{ autoShutdown: true, signals: ["SIGKILL"] }, signal(0, '"SIGKILL"')],
      [{ signals: [15] }, signal(0, "15", "TypeError")],
    ],
    autoShutdown: [
      [
        { autoShutdown: "SIGTERM" },
        'TypeError: createServer: shutdown.autoShutdown must be true or false, not "SIGTERM"',
      ],
    ],
    forceCloseOnTimeout: [
      [
        { forceCloseOnTimeout: 0 },
        "TypeError: createServer: shutdown.forceCloseOnTimeout must be true or false, not 0",
      ],
    ],
  },
};
