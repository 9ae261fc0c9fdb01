// What has to be in a text or in bytes, in its shortest form.

/** What rules ask for. Empty if they do not. */
export interface Fixed<Part> {
  readonly prefix: Part;
  readonly contains: Part;
  readonly suffix: Part;
}

/** The parts one after the other; what one ends with and the next begins with is there once. */
export function overlapped({ prefix, contains, suffix }: Fixed<string>): string {
  const isInside = prefix.includes(contains) || suffix.includes(contains);
  return [prefix, isInside ? "" : contains, suffix].reduce((before, after) => {
    let shared = Math.min(before.length, after.length);
    while (!before.endsWith(after.slice(0, shared))) shared--;
    return before + after.slice(shared);
  });
}

/** The same for bytes. */
export function overlappedBytes({ prefix, contains, suffix }: Fixed<Uint8Array>): Uint8Array {
  const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
  const parts = { prefix: text(prefix), contains: text(contains), suffix: text(suffix) };
  return Uint8Array.from(overlapped(parts), (character) => character.charCodeAt(0));
}
