// Compiles a type and all types that it contains, for the encoder and for the copier.
import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** What a type is compiled to: a function for a message, made of one function for each field. */
export interface CompiledType<ForField, ForMessage> {
  /** In the order of their numbers. */
  readonly fields: ForField[];
  readonly run: ForMessage;
}

/** Undefined for a field that is delegated to protobuf-es. `messageOf` is the function of a type that it contains. */
type CompileField<ForField, ForMessage> = (
  field: DescField,
  messageOf: (type: DescMessage) => ForMessage | undefined,
) => ForField | undefined;

/**
 * The function of a type; undefined for a type that is delegated to protobuf-es, and for all types that contain one.
 *
 * @param known the functions of types that were compiled; new ones are added
 */
export function compileType<ForField, ForMessage>(
  type: DescMessage,
  known: WeakMap<DescMessage, ForMessage>,
  begin: (type: DescMessage) => CompiledType<ForField, ForMessage>,
  compileField: CompileField<ForField, ForMessage>,
): ForMessage | undefined {
  const compiled = new Map<DescMessage, CompiledType<ForField, ForMessage>>();
  const messageOf = (message: DescMessage): ForMessage | undefined => {
    const before = known.get(message) ?? compiled.get(message)?.run;
    if (before !== undefined) return before;
    const own = begin(message);
    // Before its fields, as a type may contain itself.
    compiled.set(message, own);
    for (const field of [...message.fields].sort((one, other) => one.number - other.number)) {
      const compiledField = compileField(field, messageOf);
      if (compiledField === undefined) return undefined;
      own.fields.push(compiledField);
    }
    return own.run;
  };
  const run = messageOf(type);
  if (run !== undefined) for (const [message, own] of compiled) known.set(message, own.run);
  return run;
}
