// The calls that handlers are at, and those that something still refers to.
import type { HandlerContext } from "@connectrpc/connect";

export class Activity {
  readonly #running = new Set<HandlerContext>();
  #contexts = 0;
  readonly #registry = new FinalizationRegistry<void>(() => {
    this.#contexts -= 1;
  });

  /** The handlers that have begun and not ended: method and protocol of each, and whether it was told to end. */
  get running(): string[] {
    return [...this.#running].map(({ method, protocolName, signal }) => {
      return `${method.name} by ${protocolName}, whose signal ${signal.aborted ? "has" : "has not"} aborted`;
    });
  }

  /** Contexts that were not collected yet. */
  get contexts(): number {
    return this.#contexts;
  }

  /** A handler begins; call what it returns when the handler ends. */
  begin(context: HandlerContext): () => void {
    this.#running.add(context);
    this.#contexts += 1;
    this.#registry.register(context);
    return () => void this.#running.delete(context);
  }
}
