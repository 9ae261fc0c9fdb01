// Header blocks that are small on the wire and large when decoded (RFC 7541).

/** The index of the entry that was added last to the dynamic table, as one byte. */
export const NEWEST = 0xbe;
/** Fields of the static table whose value is empty: accept-charset, and those that follow. One byte each. */
export const EMPTY_FIELD = 0x8f;

/** A literal field without Huffman coding, of any length. With `isAdded` it is put into the dynamic table. */
export function literal(name: string, value: string, isAdded = false): Buffer {
  return Buffer.concat([Buffer.from([isAdded ? 0x40 : 0]), text(name), text(value)]);
}

function text(value: string): Buffer {
  return Buffer.concat([integer(value.length), Buffer.from(value, "latin1")]);
}

/** An integer with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
