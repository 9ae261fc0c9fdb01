// The values that could be in a slot, by its type and its standard rules. The judge decides.
import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { Context } from "./context.ts";
import { messageOf, type SingleValue, type Slot } from "./slot.ts";
import { booleans } from "./values/booleans.ts";
import { byteStrings } from "./values/byte-strings.ts";
import { enums } from "./values/enums.ts";
import { floats } from "./values/floats.ts";
import { integers, rangeOf } from "./values/integers.ts";
import { knownMessages } from "./values/messages.ts";
import { strings } from "./values/strings.ts";

/** Candidates for a single value, which may go on without end, the likely ones first. */
export function candidates(slot: Slot, context: Context): Iterable<SingleValue> {
  const message = messageOf(slot);
  if (message !== undefined) {
    return (
      knownMessages(message, slot, context, (inner) => candidates(inner, context)) ??
      repeat(() => context.message(message, { path: slot.path, around: slot.around }))
    );
  }
  const { field, part } = slot;
  if (part !== "key" && "enum" in field && field.enum !== undefined) return enums(field.enum, slot, context);
  return scalars(scalarOf(slot), slot, context);
}

/** The scalar type of the slot's value. */
export function scalarOf({ field, part }: Slot): ScalarType {
  const type = part === "key" ? (field as DescField & { fieldKind: "map" }).mapKey : field.scalar;
  if (type === undefined) throw new TypeError(`${field} is not a scalar`);
  return type;
}

function scalars(type: ScalarType, slot: Slot, context: Context): Iterable<SingleValue> {
  switch (type) {
    case ScalarType.STRING:
      return strings(slot, context);
    case ScalarType.BYTES:
      return byteStrings(slot, context);
    case ScalarType.BOOL:
      return booleans(slot, context);
    default: {
      const range = rangeOf(type);
      return range === undefined ? floats(type, slot, context) : integers(type, range, slot, context);
    }
  }
}

function* repeat<Item>(make: () => Item): Generator<Item> {
  for (;;) yield make();
}
