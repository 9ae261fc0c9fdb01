// What one watcher has not read yet.
import type { ServingStatus } from "./serving-status.ts";

/** A reader that lets this many wait sees the latest only. */
const CAPACITY = 16;

/** Statuses on their way to one reader: all of them while it keeps up, the latest when it does not, none twice in a row. */
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

  /** Nothing more comes: the reader ends when it has what waits. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** The reader has gone. */
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
