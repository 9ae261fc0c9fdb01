// IP addresses and prefixes, of the ranges that are for documentation (RFC 5737, RFC 3849): nobody has them.
import type { Random } from "../random.ts";

const DOCUMENTATION = ["192.0.2", "198.51.100", "203.0.113"];

export function ipV4(random: Random): string {
  return `${random.pick(DOCUMENTATION)}.${random.int(1, 254)}`;
}

export function ipV6(random: Random): string {
  return `2001:db8:${group(random)}:${group(random)}::${group(random)}`;
}

/** A network: the bits after the prefix are zero. */
export function prefixV4(random: Random): string {
  return `${random.pick(DOCUMENTATION)}.${random.int(0, 15) * 16}/28`;
}

export function prefixV6(random: Random): string {
  return `2001:db8:${group(random)}::/48`;
}

export function macAddress(random: Random): string {
  // The second bit says that no manufacturer gave it.
  return Uint8Array.of(2, ...random.bytes(5))
    .reduce((text, byte) => `${text}:${hexOf(byte)}`, "")
    .slice(1);
}

export function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function group(random: Random): string {
  return random.int(1, 0xffff).toString(16);
}
