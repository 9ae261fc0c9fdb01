// Puts what the caller gives into messages.
import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { isFieldError, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Context } from "../context.ts";
import { getField, setField } from "../field-values.ts";
import { type Given, partsOf } from "../overrides.ts";
import type { SingleValue, Slot, Value } from "../slot.ts";

type Outside = Pick<Slot, "path" | "around">;

/**
 * Sets a field to what is given for it. Of messages in it, what is not given is faked.
 * @throws TypeError if the value has another type than the field
 */
export function giveField(
  message: ReflectMessage,
  field: DescField,
  given: unknown,
  outside: Outside,
  context: Context,
): void {
  const inside = { path: outside.path === "" ? field.name : `${outside.path}.${field.name}`, around: outside.around };
  try {
    setField(message, field, givenValue(field, given, inside, context));
  } catch (error) {
    if (!isFieldError(error)) throw error;
    throw new TypeError(`the override of ${inside.path} does not fit: ${error.message}`, { cause: error });
  }
}

function givenValue(field: DescField, given: unknown, outside: Outside, context: Context): Value {
  const desc = field.message;
  const nested = (value: unknown): SingleValue | undefined => {
    const overrides = desc && partsOf(desc, value);
    return desc && overrides && context.message(desc, { ...outside, overrides });
  };
  // What is no part of a message, `create` brings into the form that it has in a message.
  const normal = (value: unknown) => getField(created(field, value), field);
  switch (field.fieldKind) {
    case "list":
      return (given as unknown[]).map((item) => nested(item) ?? (normal([item]) as readonly SingleValue[])[0] ?? "");
    case "map": {
      const entries = normal(given) as ReadonlyMap<SingleValue, SingleValue>;
      const values = given as Given;
      return new Map([...entries].map(([key, value]) => [key, nested(values[String(key)]) ?? value]));
    }
    default:
      return nested(given) ?? normal(given);
  }
}

function created({ parent, localName, oneof }: DescField, value: unknown): ReflectMessage {
  const init = oneof === undefined ? { [localName]: value } : { [oneof.localName]: { case: localName, value } };
  return reflect(parent as DescMessage, create(parent as DescMessage, init as Record<string, unknown>));
}
