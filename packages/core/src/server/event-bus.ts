// The interface of an event bus, as far as a server needs it.

/** An event bus. It is started before the server listens and stopped after it has drained. */
export interface EventBusLike {
  start(options?: { signal?: AbortSignal }): Promise<void>;
  stop(): Promise<void>;
}
