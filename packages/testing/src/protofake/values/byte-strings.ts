// Values of the type bytes.
import type { BytesRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Context } from "../context.ts";
import { textsOfPattern } from "../patterns/texts-of-pattern.ts";
import type { Random } from "../random.ts";
import type { Slot } from "../slot.ts";
import { checkSize, MOST_LENGTH } from "./greatest-sizes.ts";
import { uuidBytes } from "./identifiers.ts";
import { overlappedBytes } from "./overlapped.ts";

/** How many more bytes than necessary there usually are. */
const USUAL_EXTRA = 16;

/** Candidates for bytes, the likely ones first. */
export function* byteStrings(slot: Slot, { random }: Context): Generator<Uint8Array> {
  const type = slot.rules?.type;
  const rules = type?.case === "bytes" ? type.value : undefined;
  if (rules === undefined) {
    for (;;) yield random.bytes(random.int(4, USUAL_EXTRA));
  }
  if (Object.hasOwn(rules, "const")) yield rules.const;
  yield* random.shuffle(rules.in);
  if (rules.in.length > 0) return;
  yield* random.shuffle(rules.example);
  const [least, most] = lengthsOf(rules);
  checkSize(slot, Object.hasOwn(rules, "len") ? "bytes.len" : "bytes.min_len", least, MOST_LENGTH);
  if (Object.hasOwn(rules, "pattern")) {
    for (const text of textsOfPattern(rules.pattern, random, { least, most })) yield new TextEncoder().encode(text);
  }
  const fixed = overlappedBytes(rules);
  if (fixed.length > 0) yield fixed;
  const upTo = Math.min(most, least + USUAL_EXTRA);
  for (;;) {
    const format = ofFormat(rules, random);
    if (format !== undefined) yield format;
    yield* fitted(random.bytes(random.int(Math.max(least, Math.min(1, most)), Math.max(least, upTo))), rules);
  }
}

function ofFormat({ wellKnown }: BytesRules, random: Random): Uint8Array | undefined {
  if (wellKnown.value !== true) return undefined;
  switch (wellKnown.case) {
    case "ip":
      return random.bytes(random.chance(0.7) ? 4 : 16);
    case "ipv4":
      return random.bytes(4);
    case "ipv6":
      return random.bytes(16);
    default:
      return uuidBytes(random);
  }
}

/** What has to be there, and in between the bytes, of which as many go as have no room. */
function* fitted(bytes: Uint8Array, { prefix, contains, suffix }: BytesRules): Generator<Uint8Array> {
  const none = new Uint8Array();
  const end = overlappedBytes({ prefix: none, contains, suffix });
  const start = overlappedBytes({ prefix, contains, suffix: none });
  for (const [before, after] of [
    [prefix, end],
    [start, suffix],
  ] as const) {
    const fill = bytes.subarray(0, Math.max(0, bytes.length - before.length - after.length));
    yield Uint8Array.of(...before, ...fill, ...after);
  }
}

function lengthsOf(rules: BytesRules): [least: number, most: number] {
  const value = (name: "len" | "minLen" | "maxLen") => (Object.hasOwn(rules, name) ? Number(rules[name]) : undefined);
  const exactly = value("len");
  return [exactly ?? value("minLen") ?? 0, Math.min(MOST_LENGTH, exactly ?? value("maxLen") ?? MOST_LENGTH)];
}
