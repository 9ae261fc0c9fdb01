// The statuses that a watcher has not read yet.
import type { ServingStatus } from "./serving-status.ts";

/** The most statuses that wait for a slow reader. With more, all but the latest are dropped. */
const CAPACITY = 16;

/**
 * Statuses on their way to one reader: all of them while it keeps up, the latest when it does not. A status that equals
 * the one before is left out.
 */
export class StatusMailbox implements AsyncIterable<ServingStatus> {
  readonly #waiting: ServingStatus[] = [];
  #taken: ServingStatus | undefined;
  #isClosed = false;
  #wake = () => {};

  put(status: ServingStatus): void {
    if (this.#isClosed || status === (this.#waiting.at(-1) ?? this.#taken)) return;
    if (this.#waiting.length === CAPACITY) this.#waiting.length = 0;
    if (status !== (this.#waiting.at(-1) ?? this.#taken)) this.#waiting.push(status);
    this.#wake();
  }

  /** Ends the reader once it has read the waiting statuses. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Ends the reader at once. */
  discard(): void {
    this.#waiting.length = 0;
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<ServingStatus> {
    for (;;) {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#taken = next;
        yield next;
      }
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
