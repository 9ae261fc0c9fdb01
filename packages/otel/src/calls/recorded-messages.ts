// Streams of messages that are passed on while they are counted.
import type { StreamRequest, StreamResponse } from "@connectrpc/connect";
import { type Context, context } from "@opentelemetry/api";

/** Gets told of a stream. After an end, a failure or a stop, nothing follows. */
export interface MessageWatcher {
  /** In which the source runs: a handler's generator starts when it is read. */
  readonly context: Context;
  /** Somebody begins to read. */
  onRead(): void;
  onMessage(message: unknown): void;
  onEnd(): void;
  onError(error: unknown): void;
  /** The reader has stopped before the end. */
  onStop(): void;
}

/** A copy of a request or a response that keeps its prototype and its lazy properties, with other messages. */
export function withMessages<R extends StreamRequest | StreamResponse>(of: R, message: R["message"]): R {
  const copy: R = Object.create(Object.getPrototypeOf(of), Object.getOwnPropertyDescriptors(of));
  Object.defineProperty(copy, "message", { value: message, writable: true, enumerable: true, configurable: true });
  return copy;
}

/** The same messages. Nothing is read ahead. */
export class RecordedMessages<T> implements AsyncIterable<T> {
  readonly #messages: AsyncIterable<T>;
  readonly #watcher: MessageWatcher;

  constructor(messages: AsyncIterable<T>, watcher: MessageWatcher) {
    this.#messages = messages;
    this.#watcher = watcher;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    const { context: active } = this.#watcher;
    this.#watcher.onRead();
    // The iterator keeps the iterable: as long as somebody reads it, it is not collected.
    const source = context.with(active, () => this.#messages[Symbol.asyncIterator]());
    return new RecordedIterator(source, this.#watcher, this);
  }
}

/** Without an async generator, which would take more microtasks for each message. */
class RecordedIterator<T> implements AsyncIterator<T> {
  readonly #source: AsyncIterator<T>;
  readonly #watcher: MessageWatcher;
  readonly iterable: RecordedMessages<T>;
  readonly #pass = (result: IteratorResult<T>): IteratorResult<T> => {
    if (result.done === true) this.#watcher.onEnd();
    else this.#watcher.onMessage(result.value);
    return result;
  };
  readonly #rethrow = (error: unknown): never => {
    this.#watcher.onError(error);
    throw error;
  };
  readonly #next = () => this.#source.next();

  constructor(source: AsyncIterator<T>, watcher: MessageWatcher, iterable: RecordedMessages<T>) {
    this.#source = source;
    this.#watcher = watcher;
    this.iterable = iterable;
  }

  next(): Promise<IteratorResult<T>> {
    try {
      return context.with(this.#watcher.context, this.#next).then(this.#pass, this.#rethrow);
    } catch (error) {
      this.#watcher.onError(error);
      return Promise.reject(error);
    }
  }

  async return(value?: unknown): Promise<IteratorResult<T>> {
    try {
      const result = await this.#source.return?.(value);
      return result ?? { done: true, value: undefined };
    } catch (error) {
      this.#watcher.onError(error);
      throw error;
    } finally {
      this.#watcher.onStop();
    }
  }

  async throw(reason?: unknown): Promise<IteratorResult<T>> {
    try {
      if (this.#source.throw !== undefined) return await this.#source.throw(reason);
      await this.#source.return?.();
      throw reason;
    } catch (error) {
      this.#watcher.onError(error);
      throw error;
    }
  }
}
