// Extensions of a message, of the registry that the caller gives.
import { type DescExtension, type DescField, type DescMessage, getOption, setExtension } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { field as fieldOption } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import { setField } from "../field-values.ts";
import { fieldSlot, type Slot } from "../slot.ts";
import { isTooDeep } from "./sizes.ts";

/** Sets a part of the extensions. The validator does not look at them, and they get values by their rules anyway. */
export function setExtensions(message: ReflectMessage, outside: Pick<Slot, "path" | "around">, context: Context): void {
  const { random, options } = context;
  for (const type of options.registry ?? []) {
    if (type.kind !== "extension" || type.extendee.typeName !== message.desc.typeName) continue;
    random.within(type.typeName, () => {
      if (random.chance(options.optional)) setOne(message, type, outside, context);
    });
  }
}

function setOne(
  message: ReflectMessage,
  extension: DescExtension,
  outside: Pick<Slot, "path" | "around">,
  context: Context,
): void {
  const [container, field] = containerOf(extension);
  const rules = getOption(extension, fieldOption);
  const slot: Slot = { ...fieldSlot(field, rules, outside), judged: false };
  if (isTooDeep(slot, context)) return;
  try {
    setField(container, field, context.solve(slot));
  } catch (error) {
    // Like every field that need not be set.
    if (!(error instanceof FakeError)) throw error;
    return;
  }
  const value = (container.message as unknown as Record<string, unknown>)[field.localName];
  setExtension(message.message, extension, value as never);
}

/** A message with the extension as its only field, which reflection can set. */
function containerOf(extension: DescExtension): [ReflectMessage, DescField] {
  const { extendee, typeName } = extension;
  const parent: DescMessage = { ...extendee, fields: [], members: [], oneofs: [], field: {} };
  const field = { ...extension, kind: "field", parent, localName: typeName } as unknown as DescField;
  parent.fields.push(field);
  parent.members.push(field);
  parent.field[typeName] = field;
  return [reflect(parent), field];
}
