// The calls and requests of one thread that are in flight, by their numbers.
//
// Not in a `Map`. V8 gives a Map a new table every few hundred entries, and each table refers to the next one. Once one
// is in the old space, where garbage lasts until a mark-compact, it keeps the next ones alive, which are promoted in
// turn, each with the calls that it had when it was replaced. Under load a third of all calls were promoted, with their
// headers and requests, and scavenges took ten times as long.
import type { Exchange } from "./exchange.ts";

/** A power of two. Numbers come in sequence, so with fewer exchanges in flight hardly two of them want one slot. */
const SLOTS = 1_024;

export class Exchanges {
  readonly #slots: (Exchange | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Those whose slot was taken. */
  readonly #others = new Map<number, Exchange>();

  get(id: number): Exchange | undefined {
    const exchange = this.#slots[id & (SLOTS - 1)];
    return exchange?.id === id ? exchange : this.#others.get(id);
  }

  /** Adds one that is not there yet. */
  add(exchange: Exchange): void {
    const slot = exchange.id & (SLOTS - 1);
    if (this.#slots[slot] === undefined) this.#slots[slot] = exchange;
    else this.#others.set(exchange.id, exchange);
  }

  delete(id: number): void {
    const slot = id & (SLOTS - 1);
    if (this.#slots[slot]?.id === id) this.#slots[slot] = undefined;
    else this.#others.delete(id);
  }

  /** All of them, as they are now. */
  all(): Exchange[] {
    return [...this.#slots.filter((exchange) => exchange !== undefined), ...this.#others.values()];
  }
}
