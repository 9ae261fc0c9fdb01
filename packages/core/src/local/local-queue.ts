// Messages on their way through a process, in one direction of a stream: as many as are read soon, and no more.
import type { Message } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { Arrived, Inbound } from "../boundary/arrived.ts";

/** The most messages that wait. */
const ROOM = 16;
/** After so many messages the event loop gets a turn: two ends that are always ready would keep it from all else. */
const MESSAGES_IN_A_ROW = 64;

export class LocalQueue {
  readonly #onRead: () => void;
  #messages: Message[] = [];
  #end: "end" | ConnectError | undefined;
  #pushed = 0;
  /** Those that wait for a message, each for its own. */
  #readers: { resolve: (result: IteratorResult<Message>) => void; reject: (error: unknown) => void }[] = [];
  #wakeWriter: (() => void) | undefined;

  /** @param onRead called when the reader has seen the end */
  constructor(onRead: () => void = () => {}) {
    this.#onRead = onRead;
  }

  /** Adds a message, and returns whether there is room for another: otherwise `room` tells when. */
  push(message: Message): boolean {
    this.#pushed += 1;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#messages.push(message);
    else reader.resolve({ done: false, value: message });
    return this.#messages.length < ROOM && this.#pushed % MESSAGES_IN_A_ROW !== 0;
  }

  /** Resolves when there is room, or after the end. For one writer. */
  async room(): Promise<void> {
    if (this.#messages.length >= ROOM && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
    if (this.#pushed % MESSAGES_IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends the stream behind the messages that it has. The first end stays. */
  end(end: "end" | ConnectError): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const reader of this.#readers.splice(0)) this.#settle(reader);
    this.#wake();
  }

  /** Ends the stream at once: what waits is dropped, and the reader gets the error. */
  abort(error: ConnectError): void {
    this.#messages = [];
    this.#end = undefined;
    this.end(error);
  }

  /** The next message; then the end again and again, or the error once. */
  next(): Promise<IteratorResult<Message>> {
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      const message = this.#messages.shift();
      if (message !== undefined) {
        resolve({ done: false, value: message });
        if (this.#messages.length <= ROOM / 2) this.#wake();
      } else if (this.#end !== undefined) this.#settle(reader);
      else this.#readers.push(reader);
    });
  }

  /** All messages that have arrived; null if there are none, and more may come. */
  takeAll(): Arrived | null {
    if (this.#messages.length === 0 && this.#end === undefined) return null;
    const messages = this.#messages;
    this.#messages = [];
    this.#wake();
    return new LocalMessages(messages, this.#end);
  }

  #settle({ resolve, reject }: { resolve: (result: IteratorResult<Message>) => void; reject: (e: unknown) => void }) {
    const end = this.#end;
    this.#onRead();
    if (end === undefined || end === "end") {
      resolve({ done: true, value: undefined });
    } else {
      this.#end = "end";
      reject(end);
    }
  }

  #wake(): void {
    const wake = this.#wakeWriter;
    this.#wakeWriter = undefined;
    wake?.();
  }
}

/** Messages that were taken together. */
class LocalMessages implements Arrived {
  readonly end: "end" | ConnectError | undefined;
  readonly #messages: readonly Message[];
  #next = 0;

  constructor(messages: readonly Message[], end: "end" | ConnectError | undefined) {
    this.#messages = messages;
    this.end = end;
  }

  get hasNext(): boolean {
    return this.#next < this.#messages.length;
  }

  take<T>(use: (message: Inbound, isShared: boolean) => T): T {
    const message = this.#messages[this.#next] as Message;
    this.#next += 1;
    return use(message, false);
  }
}
