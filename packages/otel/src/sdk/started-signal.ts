// A signal whose provider is our own.

/** A signal that we export ourselves. */
export interface StartedSignal<P> {
  readonly provider: P;
  /** Takes back what was registered: others may register theirs. */
  unregister(): void;
  /** Exports what is left. Rejects if an export fails. */
  shutdown(): Promise<void>;
  /** Fails what is still being exported: no timer of it keeps the process alive. */
  giveUp(): void;
}
