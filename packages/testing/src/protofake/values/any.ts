// google.protobuf.Any: a fake of a type that the rules allow.
import { create, type DescMessage, type Message, type Registry, toBinary } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import type { Context } from "../context.ts";
import { FakeError } from "../fake-error.ts";
import type { Slot } from "../slot.ts";

/** The parts of an Any. */
export interface AnyParts {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const PREFIX = "type.googleapis.com/";

/** Candidates: those with types that are known first. A type that is not known is there without fields. */
export function* anys({ rules: fieldRules, path, around }: Slot, context: Context): Generator<AnyParts> {
  const { random, registry, words, options } = context;
  const type = fieldRules?.type;
  const rules = type?.case === "any" ? type.value : undefined;
  const packed = (desc: DescMessage, typeUrl: string): AnyParts => {
    const message: Message = context.message(desc, { path, around }).message;
    return { typeUrl, value: toBinary(desc, message) };
  };
  for (const typeUrl of random.shuffle(rules?.in ?? [])) {
    const desc = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    yield desc === undefined ? { typeUrl, value: new Uint8Array() } : packed(desc, typeUrl);
  }
  if (rules !== undefined && rules.in.length > 0) return;
  const isAllowed = (typeName: string) => rules?.notIn.includes(PREFIX + typeName) !== true;
  if (options.registry !== undefined) {
    const descs = messagesOf(options.registry).filter(
      ({ typeName }) => isAllowed(typeName) && !around.includes(typeName),
    );
    for (const desc of random.shuffle(descs).slice(0, 3)) yield packed(desc, PREFIX + desc.typeName);
  }
  const text = create(StringValueSchema, { value: words.word() });
  yield { typeUrl: PREFIX + text.$typeName, value: toBinary(StringValueSchema, text) };
  yield { typeUrl: `${PREFIX}google.protobuf.Empty`, value: new Uint8Array() };
  // Where those are not allowed: what the schema's file has, and well-known types that are valid without fields.
  const own = messagesOf(registry).filter(({ typeName }) => isAllowed(typeName) && !around.includes(typeName));
  for (const desc of random.shuffle(own).slice(0, 5)) {
    const parts = ifMade(() => packed(desc, PREFIX + desc.typeName));
    if (parts !== undefined) yield parts;
  }
  for (const name of random.shuffle(["BoolValue", "BytesValue", "Duration", "Int64Value", "Timestamp"])) {
    yield { typeUrl: `${PREFIX}google.protobuf.${name}`, value: new Uint8Array() };
  }
}

/** undefined for a type of which there is no valid message: another one will do. */
function ifMade(make: () => AnyParts): AnyParts | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof FakeError) return undefined;
    throw error;
  }
}

/** The types that a caller would put there, and not those of descriptors and rules. */
function messagesOf(registry: Registry): DescMessage[] {
  return [...registry].filter((type): type is DescMessage => {
    return type.kind === "message" && !/^(google\.protobuf|buf\.validate)\./.test(type.typeName);
  });
}
