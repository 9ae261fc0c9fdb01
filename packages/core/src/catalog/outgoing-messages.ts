// The response messages of a call that is made when they are asked for first.
import type { Message } from "@bufbuild/protobuf";
import { onAbort } from "@connectum/hooks";
import { outgoingError } from "./outgoing-error.ts";

/** Makes the call. `signal` cancels it. */
export type Open = (signal: AbortSignal) => Promise<AsyncIterable<Message>>;

/** Leaving a loop over them early cancels the call, and does not wait for it. */
export class OutgoingMessages implements AsyncIterableIterator<Message> {
  readonly #open: Open;
  readonly #onEnd: (error: unknown) => void;
  readonly #controller = new AbortController();
  #messages: Promise<AsyncIterator<Message>> | undefined;
  #isDone = false;

  /**
   * @param canceledBy cancels the call, too
   * @param onEnd called once, with undefined unless the call has failed
   */
  constructor(open: Open, canceledBy: AbortSignal | undefined, onEnd: (error: unknown) => void = () => {}) {
    this.#open = open;
    const stop = canceledBy && onAbort(canceledBy, (reason) => this.#controller.abort(reason));
    this.#onEnd = (error) => {
      stop?.();
      onEnd(error);
    };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Makes the call, unless it is made already. */
  begin(): Promise<AsyncIterator<Message>> {
    this.#messages ??= this.#open(this.#controller.signal).then((messages) => messages[Symbol.asyncIterator]());
    // Whoever asks for a message gets the error.
    this.#messages.catch(() => {});
    return this.#messages;
  }

  async next(): Promise<IteratorResult<Message>> {
    if (this.#isDone) return { done: true, value: undefined };
    try {
      const result = await (await this.begin()).next();
      // Left meanwhile.
      if (this.#isDone) return { done: true, value: undefined };
      if (result.done === true) this.#end(undefined);
      return result;
    } catch (thrown) {
      if (this.#isDone) return { done: true, value: undefined };
      const error = outgoingError(thrown);
      this.#end(error);
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Message>> {
    if (!this.#isDone) {
      this.#end(undefined);
      this.#controller.abort();
    }
    return { done: true, value: undefined };
  }

  #end(error: unknown): void {
    this.#isDone = true;
    this.#onEnd(error);
  }
}
