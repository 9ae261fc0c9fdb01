// Messages: those that everybody knows by their names, and the others by their fields.
import { create, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { Context } from "../context.ts";
import type { SingleValue, Slot } from "../slot.ts";
import { anys } from "./any.ts";
import { durations } from "./durations.ts";
import { fieldMasks } from "./field-masks.ts";
import { googleType } from "./google-types.ts";
import { jsonArray, jsonObject, jsonValue } from "./structs.ts";
import { timestamps } from "./timestamps.ts";

/**
 * Candidates for a message, the likely ones first; undefined if the type is none of those that are made here.
 * @param scalars gives candidates for the value of a wrapper
 */
export function knownMessages(
  desc: DescMessage,
  slot: Slot,
  context: Context,
  scalars: (slot: Slot) => Iterable<SingleValue>,
): Iterable<ReflectMessage> | undefined {
  const json = (make: () => JsonValue) => repeat(() => reflect(desc, fromJson(desc, make())));
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return each(desc, timestamps(slot, context));
    case "google.protobuf.Duration":
      return each(desc, durations(slot, context));
    case "google.protobuf.FieldMask":
      return each(
        desc,
        map(fieldMasks(slot, context), (paths) => ({ paths })),
      );
    case "google.protobuf.Any":
      return each(desc, anys(slot, context));
    case "google.protobuf.Struct":
      return json(() => jsonObject(context));
    case "google.protobuf.Value":
      return json(() => jsonValue(context));
    case "google.protobuf.ListValue":
      return json(() => jsonArray(context));
    default:
      if (isWrapperDesc(desc))
        return each(
          desc,
          map(scalars(wrapped(desc, slot)), (value) => ({ value })),
        );
      return googleMessages(desc, context);
  }
}

/** The value in a wrapper has the name and the rules of the wrapper's field. */
function wrapped(desc: DescMessage, slot: Slot): Slot {
  const value = desc.fields[0];
  if (value === undefined) throw new TypeError(`${desc.typeName} has no field`);
  return { ...slot, part: "field", field: { ...value, name: slot.field.name, parent: slot.field.parent } };
}

function googleMessages(desc: DescMessage, context: Context): Iterable<ReflectMessage> | undefined {
  if (googleType(desc.typeName, context) === undefined) return undefined;
  // Older versions of a type, and other types of the same name, lack fields.
  return repeat(() => {
    const parts = googleType(desc.typeName, context) as JsonValue;
    return reflect(desc, fromJson(desc, parts, { ignoreUnknownFields: true }));
  });
}

function* each(desc: DescMessage, candidates: Iterable<object>): Generator<ReflectMessage> {
  for (const parts of candidates) {
    const { $typeName: _, ...fields } = parts as { $typeName?: string };
    yield reflect(desc, create(desc, fields as Record<string, unknown>));
  }
}

function* map<From, To>(items: Iterable<From>, change: (item: From) => To): Generator<To> {
  for (const item of items) yield change(item);
}

function* repeat<Item>(make: () => Item): Generator<Item> {
  for (;;) yield make();
}
