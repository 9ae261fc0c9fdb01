// Random numbers from a seed. Our own and not a library's, since what a seed gives must not change with a version.

/** The generator sfc32, with scopes: what is drawn in one scope does not change what another scope draws. */
export class Random {
  #state: Uint32Array;

  /** @param seed any text or number */
  constructor(seed: number | string) {
    this.#state = stateOf(String(seed));
  }

  /** A number from 0 up to but not including 1, of 32 random bits. */
  next(): number {
    return this.#uint32() / 0x1_0000_0000;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return Number(this.bigint(BigInt(min), BigInt(max)));
  }

  /** The same for numbers of any size. */
  bigint(min: bigint, max: bigint): bigint {
    const size = max - min + 1n;
    if (size <= 1n) return min;
    let value = 0n;
    for (let range = size; range > 0n; range >>= 32n) value = (value << 32n) | BigInt(this.#uint32());
    // Thirty-two bits more than needed, so that the remainder is as good as uniform.
    return min + (((value << 32n) | BigInt(this.#uint32())) % size);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items. @throws RangeError without any */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError("there is nothing to pick from");
    return items[this.int(0, items.length - 1)] as Item;
  }

  /** A copy of the items in another order. */
  shuffle<Item>(items: Iterable<Item>): Item[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other] as Item, shuffled[last] as Item];
    }
    return shuffled;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(0, 255));
  }

  /**
   * Calls `draw` in a scope of its own. The scope depends on where it is opened and on its label, and not on what is
   * drawn in other scopes: a field that is added to a message does not change the values of the others.
   */
  within<Result>(label: string, draw: () => Result): Result {
    const outside = this.#state;
    this.#state = stateOf(`${[...outside].join()}/${label}`);
    try {
      return draw();
    } finally {
      this.#state = outside;
    }
  }

  #uint32(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const sum = (a + b + counter) >>> 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    this.#state[3] = counter + 1;
    return sum;
  }
}

/** Four hashes (FNV-1a) of a text. */
function stateOf(seed: string): Uint32Array {
  const state = Uint32Array.of(0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 1);
  for (let index = 0; index < seed.length; index++) {
    const code = seed.charCodeAt(index);
    for (let part = 0; part < 3; part++) {
      const mixed = Math.imul((state[part] as number) ^ code, 0x01000193 + part * 2);
      state[part] = mixed ^ (mixed >>> 15);
    }
  }
  return state;
}
