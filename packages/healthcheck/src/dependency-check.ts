// One check of something that the server depends on, run again and again.
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import type { Logger } from "@connectum/core";
import { shown } from "@connectum/hooks";
import { ServingStatus } from "./serving-status.ts";

/**
 * Looks whether a dependency is there. Nothing, `true` and `SERVING` say that it is; `false`, or another status, that
 * it is not. What throws, rejects, takes too long or gives anything else is `NOT_SERVING`, and the log says why.
 *
 * @param signal aborts when the check has taken too long, or is not wanted any more
 */
export type DependencyCheck = (signal: AbortSignal) => CheckResult | PromiseLike<CheckResult>;

/** What a check gives, at once or later. */
// biome-ignore lint/suspicious/noConfusingVoidType: a check that ends without a complaint need not return anything
export type CheckResult = void | boolean | ServingStatus;

/** Where the reasons of failed checks go: `console`, or the `logger` of a server. */
export type CheckLogger = Pick<Logger, "error">;

/** How often a check runs, and what becomes of what it says. */
export interface Schedule {
  /** Milliseconds from one run to the next. */
  readonly interval: number;
  /** Milliseconds that a run may take. */
  readonly timeout: number;
  readonly report: (status: ServingStatus) => void;
  readonly logger: CheckLogger;
}

/** Runs a check at once and then every `interval`, never twice at the same time. Its timers keep no process alive. */
export class RepeatedCheck {
  readonly #name: string;
  readonly #check: DependencyCheck;
  readonly #schedule: Schedule;
  /** Node's, also where the global timers are plain numbers, which cannot be unref'd. */
  #timer: NodeJS.Timeout | undefined;
  /** Ends the run that is under way. */
  #abort: AbortController | undefined;
  #isRunning = false;
  /** What the log was told last: one reason is told once, however long it lasts. */
  #told: string | undefined;

  constructor(name: string, check: DependencyCheck, schedule: Schedule) {
    this.#name = name;
    this.#check = check;
    this.#schedule = schedule;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#run(), this.#schedule.interval);
    this.#timer.unref();
    void this.#run();
  }

  /** What a run that is under way still says is not reported. */
  stop(): void {
    clearInterval(this.#timer);
    this.#abort?.abort(new Error(`the health check '${this.#name}' has been stopped`));
    this.#abort = undefined;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const abort = new AbortController();
    this.#abort = abort;
    const { timeout } = this.#schedule;
    const limit = setTimeout(() => {
      const error = new Error(`it has not ended within ${timeout} ms`);
      abort.abort(error);
      this.#fail(abort, error);
    }, timeout);
    limit.unref();
    try {
      const status = statusOf(await this.#check(abort.signal));
      if (this.#report(abort, status)) this.#told = undefined;
    } catch (error) {
      this.#fail(abort, error);
    } finally {
      clearTimeout(limit);
      this.#isRunning = false;
    }
  }

  #fail(run: AbortController, error: unknown): void {
    if (!this.#report(run, ServingStatus.NOT_SERVING)) return;
    const reason = reasonOf(error);
    if (reason === this.#told) return;
    this.#told = reason;
    this.#log(`health check '${this.#name}' failed, it is NOT_SERVING:`, error);
  }

  /** @returns whether it counts: what comes after the timeout of a run, or after `stop()`, does not */
  #report(run: AbortController, status: ServingStatus): boolean {
    if (this.#abort !== run) return false;
    this.#abort = undefined;
    try {
      this.#schedule.report(status);
    } catch (error) {
      this.#log(`the result of the health check '${this.#name}' could not be recorded:`, error);
    }
    return true;
  }

  #log(what: string, error: unknown): void {
    try {
      this.#schedule.logger.error(what, error);
    } catch {
      // A log that throws is its owner's to mend. Out of a timer it would end the process.
    }
  }
}

/** What tells one reason from another. A check may throw anything, also what has no text. */
function reasonOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "what has no text";
  }
}

/** @throws TypeError for what is no result of a check */
function statusOf(result: unknown): ServingStatus {
  if (result === undefined || result === true) return ServingStatus.SERVING;
  if (result === false) return ServingStatus.NOT_SERVING;
  if (typeof result === "number" && ServingStatus[result] !== undefined) return result;
  throw new TypeError(`a check gives nothing, true, false or a ServingStatus, not ${shown(result)}`);
}
