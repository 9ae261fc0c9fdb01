// The statuses of a manager, as one server reports them.
import { type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import { ServingStatus } from "./serving-status.ts";

/**
 * While the server stops, every entry is reported as `NOT_SERVING`. The manager itself, which servers may share, is not
 * changed.
 */
export class HealthView {
  readonly #manager: HealthcheckManager;
  readonly #shutdownSignal: AbortSignal | undefined;
  /** Kept here instead of on the signal, because Node warns of more than ten listeners. */
  readonly #listeners = new Set<() => void>();

  /** @param shutdownSignal aborts when the server begins to stop; undefined if the server has no such signal */
  constructor(manager: HealthcheckManager, shutdownSignal: AbortSignal | undefined) {
    this.#manager = manager;
    this.#shutdownSignal = shutdownSignal;
    shutdownSignal?.addEventListener("abort", () => {
      for (const listener of this.#listeners) listener();
    });
  }

  get isDraining(): boolean {
    return this.#shutdownSignal?.aborted ?? false;
  }

  /** @returns the status of an entry, or the overall status for the empty name; undefined for an unknown name */
  statusOf(name: string): ServingStatus | undefined {
    if (name === "") return this.#overall();
    const entry = this.#manager.getStatus(name);
    return entry && this.#reported(entry.status);
  }

  /** Every entry, and the overall status under the empty name. */
  all(): [name: string, ServingStatus][] {
    const entries = tableOf(this.#manager).entries();
    return [
      ["", this.#overall()],
      ...entries.map(([name, { status }]): [string, ServingStatus] => [name, this.#reported(status)]),
    ];
  }

  /**
   * Calls `listener` when a reported status may have changed.
   *
   * @returns a function that unsubscribes
   */
  subscribe(listener: () => void): () => void {
    const unsubscribe = this.#manager.subscribe(listener);
    this.#listeners.add(listener);
    return () => {
      unsubscribe();
      this.#listeners.delete(listener);
    };
  }

  #overall(): ServingStatus {
    return this.#reported(this.#manager.areAllHealthy() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  #reported(status: ServingStatus): ServingStatus {
    return this.isDraining ? ServingStatus.NOT_SERVING : status;
  }
}
