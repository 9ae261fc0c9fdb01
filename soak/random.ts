// Chance that can be repeated: the same seed gives the same numbers.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least `least`, less than `beyond`. Mulberry32. */
  integer(least: number, beyond: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return least + Math.floor(fraction * (beyond - least));
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.integer(0, times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.integer(0, from.length)];
    if (picked === undefined) throw new Error("there is nothing to pick");
    return picked;
  }

  /** One of these, each as often as its weight says. */
  weighted<T extends { readonly weight: number }>(from: readonly T[]): T {
    let rest = this.integer(
      0,
      from.reduce((sum, { weight }) => sum + weight, 0),
    );
    const found = from.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    return found ?? this.pick(from);
  }

  /** A text of words, some of them not ASCII. */
  text(): string {
    const words = Array.from({ length: this.integer(1, 6) }, () => this.pick(WORDS));
    return `${words.join(" ")} ${this.integer(0, 1_000_000)}`;
  }

  /** Bytes that compression makes smaller, no two of them alike. */
  bytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size).fill(this.integer(0, 256));
    for (let at = 0; at < size; at += 64) bytes[at] = this.integer(0, 256);
    return bytes;
  }
}

const WORDS = ["soap", "water", "grüße", "日本", "€", "a/b?c=d&e", "%41", "", "\u{1f9fc}"];
