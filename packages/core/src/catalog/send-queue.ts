// The request messages of a call, from `send` to the transport.
import { clone, create, type DescMessage, type Message, type MessageInitShape } from "@bufbuild/protobuf";

/** Messages that may wait before `send` does. */
const ROOM = 16;

/** What `send` takes: a message, or a plain object as `create()` takes it. */
export type Sent = Message | object;

/** For one reader: it is its own iterator, so that a transport that gives up can say so by `return` or `throw`. */
export class SendQueue implements AsyncIterableIterator<Sent> {
  readonly #type: DescMessage;
  readonly #onFull: () => void;
  #messages: Sent[] = [];
  /** Nothing more is sent, or nothing more is read. */
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #senders: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

  /** @param onFull called when there is no more room */
  constructor(type: DescMessage, onFull: () => void = () => {}) {
    this.#type = type;
    this.#onFull = onFull;
  }

  /**
   * Adds a copy of a message. Resolves when there is room for another, and when nothing is sent any more: after `end`,
   * or when the call has its response. Rejects when the call has failed. Whoever ignores the promise learns of that
   * elsewhere, so it is no unhandled rejection.
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

  /** Nobody reads any more: what waits is dropped. */
  stop(): void {
    this.end();
    this.#messages = [];
    for (const { resolve } of this.#senders.splice(0)) resolve();
  }

  /** The call has failed. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#senders.splice(0)) reject(error);
    this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Sent>> {
    while (this.#messages.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    const message = this.#messages.shift();
    if (this.#messages.length < ROOM) for (const { resolve } of this.#senders.splice(0)) resolve();
    return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
  }

  async return(): Promise<IteratorResult<Sent>> {
    this.stop();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<Sent>> {
    this.stop();
    throw error;
  }

  async #add(message: Sent): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#isEnded) return;
    this.#messages.push(copyOf(this.#type, message));
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

/** The message as it is now: it is serialized when the transport has room, and may be changed before. */
export function copyOf(type: DescMessage, message: Sent): Sent {
  try {
    return clone(type, create(type, message as MessageInitShape<DescMessage>));
  } catch {
    // It has a value that cannot be sent: the transport says so.
    return message;
  }
}
