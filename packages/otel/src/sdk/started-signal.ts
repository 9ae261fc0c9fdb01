// A signal whose provider is our own.

/** A signal that we export ourselves. */
export interface StartedSignal<P> {
  readonly provider: P;
  /** Takes back what was registered: others may register theirs. */
  unregister(): void;
  /** Exports what is left. */
  shutdown(): Promise<void>;
}
