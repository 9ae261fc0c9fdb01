// The request messages of a call, from `send` to the transport.
import type { Message } from "@bufbuild/protobuf";

/** Messages that may wait before `send` does. */
const ROOM = 16;

/** What `send` takes: a message, or a plain object as `create()` takes it. */
export type Sent = Message | object;

export class SendQueue implements AsyncIterable<Sent> {
  #messages: Sent[] = [];
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #senders: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  readonly #onFull: () => void;

  /** @param onFull called when there is no more room */
  constructor(onFull: () => void = () => {}) {
    this.#onFull = onFull;
  }

  /**
   * Adds a message. Resolves when there is room for another, and after `end`, when nothing is sent any more. Rejects
   * when the call has failed. Whoever ignores the promise learns of that elsewhere, so it is no unhandled rejection.
   */
  send(message: Sent): Promise<void> {
    const sent = this.#add(message);
    sent.catch(() => {});
    return sent;
  }

  /** Ends the stream behind the messages that it has. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** The call has failed, or does not read any more: nothing that waits is sent. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#messages = [];
    for (const { reject } of this.#senders.splice(0)) reject(error);
    this.#wake();
  }

  /** For one reader. A generator, as connect's transports ask for an iterator with `throw`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Sent> {
    for (;;) {
      while (this.#messages.length === 0 && !this.#isEnded && this.#failure === undefined) {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
      const message = this.#messages.shift();
      if (this.#messages.length < ROOM) for (const { resolve } of this.#senders.splice(0)) resolve();
      if (message === undefined) return;
      yield message;
    }
  }

  async #add(message: Sent): Promise<void> {
    if (this.#isEnded) return;
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#messages.push(message);
    this.#wake();
    if (this.#messages.length < ROOM) return;
    this.#onFull();
    await new Promise<void>((resolve, reject) => this.#senders.push({ resolve, reject }));
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }
}
