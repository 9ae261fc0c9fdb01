// Compiles an encoder for a type: once for each, when the first method that responds with it is mounted.
import type { DescMessage } from "@bufbuild/protobuf";
import { type CompiledType, compileType } from "./compile-type.ts";
import { compileField, type Fields, type FieldWriter, type MessageWriter } from "./field.ts";
import { DELEGATED, SHORT, type Writer } from "./writer.ts";

/** The outcome for a message: it is in the writer, there was not enough room, or protobuf-es has to write it. */
export type Outcome = "written" | "short" | "delegated";

/**
 * Writes a message, or a plain object as `create()` takes it: exactly the bytes that protobuf-es would write. If the
 * message was not written, the writer is unchanged.
 */
export type Encoder = (value: object, writer: Writer) => Outcome;

/** The writers of all types that were compiled. */
const writers = new WeakMap<DescMessage, MessageWriter>();

/** The encoder of a type; undefined if protobuf-es has to write all its messages. */
export function compileEncoder(type: DescMessage): Encoder | undefined {
  const write = compileType(type, writers, (message) => new MessageEncoder(message), compileField);
  if (write === undefined) return undefined;
  return (value, writer) => {
    const before = writer.at;
    try {
      write(writer, value, false);
      return "written";
    } catch (error) {
      writer.at = before;
      if (error === SHORT) return "short";
      if (error === DELEGATED) return "delegated";
      // A getter of the value has thrown.
      throw error;
    }
  };
}

class MessageEncoder implements CompiledType<FieldWriter, MessageWriter> {
  readonly fields: FieldWriter[] = [];
  readonly #typeName: string;

  constructor({ typeName }: DescMessage) {
    this.#typeName = typeName;
  }

  readonly run: MessageWriter = (writer, value, isInMessage) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw DELEGATED;
    const { $typeName, $unknown } = value as { $typeName?: unknown; $unknown?: unknown };
    const isMessage = $typeName !== undefined;
    // A message contains messages only; a plain object may contain both.
    if (isMessage ? $typeName !== this.#typeName : isInMessage) throw DELEGATED;
    if ($unknown !== undefined) throw DELEGATED;
    const { fields } = this;
    for (let index = 0; index < fields.length; index += 1) {
      (fields[index] as FieldWriter)(writer, value as Fields, isMessage);
      writer.check();
    }
  };
}
