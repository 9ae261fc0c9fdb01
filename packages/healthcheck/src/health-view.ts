// A manager's statuses as one server reports them.
import { type HealthcheckManager, tableOf } from "./healthcheck-manager.ts";
import { ServingStatus } from "./serving-status.ts";

/** While the server stops it reports every entry `NOT_SERVING`; the manager, which others may share, is not touched. */
export class HealthView {
  readonly #manager: HealthcheckManager;
  readonly #shutdownSignal: AbortSignal | undefined;
  /** Not listeners of the signal: Node warns of more than ten. */
  readonly #listeners = new Set<() => void>();

  /** @param shutdownSignal aborts when the server begins to stop; undefined for a server that does not tell */
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

  /** @returns that of an entry, or of everything for the empty name; undefined for a name that is not known */
  statusOf(name: string): ServingStatus | undefined {
    if (name === "") return this.#overall();
    const entry = this.#manager.getStatus(name);
    return entry && this.#reported(entry.status);
  }

  /** Every entry, and the status of everything under the empty name. */
  all(): [name: string, ServingStatus][] {
    const entries = tableOf(this.#manager).entries();
    return [
      ["", this.#overall()],
      ...entries.map(([name, { status }]): [string, ServingStatus] => [name, this.#reported(status)]),
    ];
  }

  /** Calls `listener` when something may be reported differently than before. @returns ends it */
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
