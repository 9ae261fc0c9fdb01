// Observation of a stream of messages.
import type { StreamRequest, StreamResponse } from "@connectrpc/connect";

/** Callbacks for a stream, each optional. None is called after the stream has ended. */
export interface StreamWatcher<T> {
  /** A message is about to reach the reader. */
  onMessage?(message: T): void;
  /** The stream has ended, or its reader has stopped early. */
  onEnd?(): void;
  /** The stream has failed. Returns the error for the reader. */
  onError?(error: unknown): unknown;
}

/** The same messages. Nothing is read ahead. */
export function watched<T>(messages: AsyncIterable<T>, watcher: StreamWatcher<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new WatchedIterator(messages[Symbol.asyncIterator](), watcher) };
}

/** A copy of a request or a response, with other messages. */
export function withMessages<R extends StreamRequest | StreamResponse>(of: R, message: R["message"]): R {
  return { ...of, message };
}

/** Without an async generator or async functions, which would take more microtasks for each message. */
class WatchedIterator<T> implements AsyncIterator<T> {
  readonly #source: AsyncIterator<T>;
  readonly #watcher: StreamWatcher<T>;
  #isOver = false;
  readonly #pass = (result: IteratorResult<T>): IteratorResult<T> => {
    if (result.done === true) this.#end();
    else this.#watcher.onMessage?.(result.value);
    return result;
  };
  readonly #rethrow = (error: unknown): never => {
    throw this.#fail(error);
  };

  constructor(source: AsyncIterator<T>, watcher: StreamWatcher<T>) {
    this.#source = source;
    this.#watcher = watcher;
  }

  next(): Promise<IteratorResult<T>> {
    try {
      return this.#source.next().then(this.#pass, this.#rethrow);
    } catch (error) {
      return Promise.reject(this.#fail(error));
    }
  }

  async return(value?: unknown): Promise<IteratorResult<T>> {
    try {
      const result = await this.#source.return?.(value);
      return result ?? { done: true, value: undefined };
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#end();
    }
  }

  async throw(reason?: unknown): Promise<IteratorResult<T>> {
    try {
      if (this.#source.throw === undefined) {
        await this.#source.return?.();
        throw reason;
      }
      return await this.#source.throw(reason);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watcher.onEnd?.();
  }

  #fail(error: unknown): unknown {
    if (this.#isOver || this.#watcher.onError === undefined) return error;
    this.#isOver = true;
    return this.#watcher.onError(error);
  }
}
