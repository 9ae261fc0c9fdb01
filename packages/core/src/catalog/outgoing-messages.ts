// The response messages of a call that is made when they are asked for first.
import type { Message } from "@bufbuild/protobuf";
import { onAbort } from "@connectum/hooks";
import { outgoingError } from "./outgoing-error.ts";

/** Makes the call. `signal` cancels it. */
export type Open = (signal: AbortSignal) => Promise<AsyncIterable<Message>>;

/** Leaving a loop over them early cancels the call, and does not wait for it. */
export class OutgoingMessages implements AsyncIterableIterator<Message> {
  readonly #open: Open;
  readonly #canceledBy: AbortSignal | undefined;
  readonly #onEnd: (error: unknown) => void;
  readonly #controller = new AbortController();
  #messages: Promise<AsyncIterator<Message>> | undefined;
  #stopListening: (() => void) | undefined;
  #isDone = false;
  /** Why the call could not be made, until somebody asks for a message. */
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param canceledBy cancels the call, too
   * @param onEnd called once, with undefined unless the call has failed
   */
  constructor(open: Open, canceledBy: AbortSignal | undefined, onEnd: (error: unknown) => void = () => {}) {
    this.#open = open;
    this.#canceledBy = canceledBy;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Makes the call, unless it is made already. Never rejects: whoever asks for a message gets the error. */
  begin(): void {
    if (this.#messages !== undefined || this.#isDone) return;
    if (this.#canceledBy !== undefined) {
      this.#stopListening = onAbort(this.#canceledBy, (reason) => this.#controller.abort(reason));
    }
    this.#messages = this.#open(this.#controller.signal).then((messages) => messages[Symbol.asyncIterator]());
    // Nobody may be asking: senders have to know.
    this.#messages.catch((thrown: unknown) => this.#fail(thrown));
  }

  async next(): Promise<IteratorResult<Message>> {
    this.begin();
    if (this.#isDone) return this.#take();
    try {
      const result = await (await this.#messages)?.next();
      // Left meanwhile.
      if (this.#isDone || result === undefined) return this.#take();
      if (result.done === true) this.#end(undefined);
      return result;
    } catch (thrown) {
      this.#fail(thrown);
      return this.#take();
    }
  }

  async return(): Promise<IteratorResult<Message>> {
    if (!this.#isDone) {
      this.#end(undefined);
      this.#controller.abort();
    }
    return { done: true, value: undefined };
  }

  /** After the end: the error once, then nothing. */
  #take(): IteratorResult<Message> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return { done: true, value: undefined };
  }

  #fail(thrown: unknown): void {
    if (this.#isDone) return;
    const error = outgoingError(thrown);
    this.#failure = { error };
    this.#end(error);
  }

  #end(error: unknown): void {
    this.#isDone = true;
    this.#stopListening?.();
    this.#onEnd(error);
  }
}
