/** What a server needs of an event bus: it is started before the server listens and stopped after it has drained. */
export interface EventBusLike {
  start(options?: { signal?: AbortSignal }): Promise<void>;
  stop(): Promise<void>;
}
