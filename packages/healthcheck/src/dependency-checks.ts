// The checks of one Healthcheck(), and the components that they set.
import { RepeatedCheck } from "./dependency-check.ts";
import { type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import type { Settings } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

/** Runs as long as at least one server uses it. */
export class DependencyChecks {
  readonly #manager: HealthcheckManager;
  readonly #checks: ReadonlyMap<string, RepeatedCheck>;
  /** Functions that give up a component; they return true if it should be removed. */
  readonly #releases = new Map<string, () => boolean>();
  #users = 0;

  constructor({ manager, checks, checkInterval: interval, checkTimeout: timeout, logger }: Settings) {
    this.#manager = manager;
    this.#checks = new Map(
      [...checks].map(([name, check]) => {
        const report = (status: ServingStatus) => manager.set(name, status);
        return [name, new RepeatedCheck(name, check, { interval, timeout, report, logger })];
      }),
    );
  }

  /**
   * Adds the components, with the status `UNKNOWN`, and starts the checks, unless they run already for another server.
   *
   * @throws Error for a check with the name of a service
   */
  start(): void {
    if (this.#users === 0) {
      try {
        for (const name of this.#checks.keys()) this.#own(name);
      } catch (error) {
        this.#release();
        throw error;
      }
      for (const check of this.#checks.values()) check.start();
    }
    this.#users += 1;
  }

  /** Ends the checks once every `start()` has its `stop()`, and removes components that no check sets any more. */
  stop(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    for (const check of this.#checks.values()) check.stop();
    this.#release();
  }

  #own(name: string): void {
    const table = tableOf(this.#manager);
    // Another Healthcheck() with this manager may have a result already.
    const isNew = !table.isOwned(name);
    const disown = table.own(name);
    this.#releases.set(name, disown);
    if (isNew) this.#manager.set(name, ServingStatus.UNKNOWN);
  }

  #release(): void {
    const table = tableOf(this.#manager);
    const releases = [...this.#releases];
    this.#releases.clear();
    const orphans = releases.filter(([, disown]) => disown()).map(([name]) => name);
    table.apply(
      orphans.filter((name) => table.get(name)?.kind === "component"),
      [],
    );
  }
}
