// Copies a message as it would arrive if it were serialized and parsed, without doing either.
import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { type CompiledType, compileType } from "./compile-type.ts";
import { type Copying, compileFieldCopier, type FieldCopier, type MessageCopier } from "./copy-field.ts";
import type { Fields } from "./field.ts";
import { DELEGATED } from "./writer.ts";

/** A copy, and a bound of its size. */
export interface Copy {
  readonly message: Message;
  /** At least as many bytes as the message has when it is serialized. */
  readonly maxBytes: number;
}

/**
 * Copies a message, or a plain object as `create()` takes it. Undefined if it has anything that only serializing and
 * parsing treat right: a value of another type, unknown fields, deep nesting.
 */
export type Copier = (value: object) => Copy | undefined;

/** protobuf-es's own limit of a parser is 100, and the application may have another one. */
const MAX_DEPTH = 32;

/** Tag and length of a message in another one. */
const FRAME_BYTES = 20;

/** The copiers of all types that were compiled. */
const copiers = new WeakMap<DescMessage, MessageCopier>();

/** The copier of a type; undefined if all its messages have to be serialized and parsed. */
export function compileCopier(type: DescMessage): Copier | undefined {
  const copy = compileType(type, copiers, (message) => new TypeCopier(message), compileFieldCopier);
  if (copy === undefined) return undefined;
  return (value) => {
    const copying: Copying = { size: 0, depth: 0 };
    try {
      return { message: copy(value, false, copying), maxBytes: copying.size };
    } catch (error) {
      if (error === DELEGATED) return undefined;
      // A getter of the value has thrown.
      throw error;
    }
  };
}

class TypeCopier implements CompiledType<FieldCopier, MessageCopier> {
  readonly fields: FieldCopier[] = [];
  readonly #type: DescMessage;

  constructor(type: DescMessage) {
    this.#type = type;
  }

  readonly run: MessageCopier = (value, isInMessage, copying) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw DELEGATED;
    const { $typeName, $unknown } = value as { $typeName?: unknown; $unknown?: unknown };
    const isMessage = $typeName !== undefined;
    // A message contains messages only; a plain object may contain both.
    if (isMessage ? $typeName !== this.#type.typeName : isInMessage) throw DELEGATED;
    if ($unknown !== undefined || copying.depth === MAX_DEPTH) throw DELEGATED;
    copying.depth += 1;
    copying.size += FRAME_BYTES;
    const message = create(this.#type);
    const target = message as unknown as Record<string, unknown>;
    const { fields } = this;
    for (let index = 0; index < fields.length; index += 1) {
      (fields[index] as FieldCopier)(target, value as Fields, isMessage, copying);
    }
    copying.depth -= 1;
    return message;
  };
}
