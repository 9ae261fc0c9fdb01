// Identifiers: UUIDs of RFC 9562, version 4, and ULIDs.
import type { Random } from "../random.ts";
import { hexOf } from "./addresses.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function uuid(random: Random): string {
  const hex = [...uuidBytes(random)].map(hexOf).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function uuidBytes(random: Random): Uint8Array {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

/** Its first character is at most 7: a ULID has 128 bits, and 26 characters could have 130. */
export function ulid(random: Random): string {
  const rest = Array.from({ length: 25 }, () => CROCKFORD.charAt(random.int(0, 31)));
  return random.int(0, 7) + rest.join("");
}
