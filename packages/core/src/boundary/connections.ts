// The connections whose calls were asked who has made them.
import { Connection } from "./connection.ts";
import type { NativeCalls } from "./native.ts";

/** The oldest is forgotten for one more. A connection that is forgotten is fetched again. */
const MAX_KNOWN = 1024;

export class Connections {
  readonly #native: Pick<NativeCalls, "connection" | "peer">;
  /** By their numbers. Those that have closed are among them, until they are the oldest. */
  readonly #known = new Map<number, Connection>();

  constructor(native: Pick<NativeCalls, "connection" | "peer">) {
    this.#native = native;
  }

  /** The connection of a call; undefined when the call is over. */
  of(call: number): Connection | undefined {
    const number = this.#native.connection(call);
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const peer = this.#native.peer(call);
    if (peer === null) return undefined;
    const connection = new Connection(peer);
    this.#known.set(number, connection);
    if (this.#known.size > MAX_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return connection;
  }
}
