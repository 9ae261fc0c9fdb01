// Compiles one function for each field of a type, which copies the field from one message to another as it would be if
// it had been serialized and parsed. The siblings in field.ts serialize it.
import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type Fields, IMPLICIT, isDelegated, isZeroOf, REQUIRED, scalarOf } from "./field.ts";
import { SCALARS } from "./scalar.ts";
import { DELEGATED } from "./writer.ts";

/** One copy under way. */
export interface Copying {
  /** At least as many bytes as the message has when it is serialized. */
  size: number;
  /** How many messages contain the current one. */
  depth: number;
}

/** Copies a field of a value, if it is set. `isMessage` is the shape of the value. */
export type FieldCopier = (
  target: Record<string, unknown>,
  value: Fields,
  isMessage: boolean,
  copying: Copying,
) => void;

/** Copies a value to a new message. `isInMessage` is the shape of the value that contains it. */
export type MessageCopier = (value: unknown, isInMessage: boolean, copying: Copying) => Message;

type ValueCopier = (value: unknown, isMessage: boolean, copying: Copying) => unknown;

/** Tag and length of a field, or tag and value of a number. */
const FIELD_BYTES = 20;
/** The most bytes of UTF-8 for one unit of UTF-16. */
const UTF8_BYTES = 3;

/** Undefined for a field that is delegated to protobuf-es. */
export function compileFieldCopier(
  field: DescField,
  copierOf: (type: DescMessage) => MessageCopier | undefined,
): FieldCopier | undefined {
  const copy = compileValue(field, copierOf);
  if (copy === undefined) return undefined;
  if (field.fieldKind === "list") return compileList(field, copy);
  if (field.fieldKind === "map") return compileMap(field, copy);
  return compilePresence(field, copy);
}

function compileValue(
  field: DescField,
  copierOf: (type: DescMessage) => MessageCopier | undefined,
): ValueCopier | undefined {
  const { message } = field;
  if (message !== undefined) return isDelegated(field, message) ? undefined : copierOf(message);
  if (field.enum !== undefined) return compileEnum(field, field.enum);
  const copy = scalarOf(field)?.copy;
  if (copy === undefined) return undefined;
  return (value, _, copying) => {
    const copied = copy(value);
    copying.size += FIELD_BYTES;
    if (typeof copied === "string") copying.size += copied.length * UTF8_BYTES;
    else if (copied instanceof Uint8Array) copying.size += copied.byteLength;
    return copied;
  };
}

/** A closed enum has no other values: a parser keeps them as unknown fields. */
function compileEnum(
  field: DescField,
  { open, value: values }: NonNullable<DescField["enum"]>,
): ValueCopier | undefined {
  const copy = scalarOf(field)?.copy;
  if (copy === undefined) return undefined;
  return (value, _, copying) => {
    copying.size += FIELD_BYTES;
    const copied = copy(value) as number;
    if (!open && values[copied] === undefined) throw DELEGATED;
    return copied;
  };
}

/** Copies a field only if it is set, by the rules of its presence. */
function compilePresence(field: DescField, copy: ValueCopier): FieldCopier {
  const { localName, oneof, presence } = field;
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (target, value, isMessage, copying) => {
      const set = value[group] as { case?: unknown; value?: unknown } | null | undefined;
      if (set === null || set === undefined) {
        if (isMessage) throw DELEGATED;
      } else if (set.case === localName) {
        target[group] = { case: localName, value: copy(set.value, isMessage, copying) };
      }
    };
  }
  if (presence !== IMPLICIT) {
    return (target, value, isMessage, copying) => {
      const given = value[localName];
      // The prototype of a message has the default values of fields that are not set.
      const isSet = given !== undefined && given !== null && (!isMessage || Object.hasOwn(value, localName));
      if (isSet) target[localName] = copy(given, isMessage, copying);
      else if (presence === REQUIRED || (given === null && isMessage)) throw DELEGATED;
    };
  }
  const isZero = isZeroOf(field);
  return (target, value, isMessage, copying) => {
    const given = value[localName];
    if (given === undefined || given === null) {
      if (isMessage) throw DELEGATED;
    } else if (!isZero(given)) target[localName] = copy(given, isMessage, copying);
  };
}

function compileList({ localName }: DescField, copy: ValueCopier): FieldCopier {
  return (target, value, isMessage, copying) => {
    const items = value[localName];
    if (!Array.isArray(items)) {
      if (isMessage || (items !== undefined && items !== null)) throw DELEGATED;
      return;
    }
    const copied = target[localName] as unknown[];
    for (let index = 0; index < items.length; index += 1) copied.push(copy(items[index], isMessage, copying));
  };
}

function compileMap(
  { localName, mapKey }: DescField & { fieldKind: "map" },
  copy: ValueCopier,
): FieldCopier | undefined {
  const copyKey = compileKey(mapKey);
  if (copyKey === undefined) return undefined;
  return (target, value, isMessage, copying) => {
    const entries = value[localName];
    if (typeof entries !== "object" || entries === null || Array.isArray(entries)) {
      if (isMessage || (entries !== undefined && entries !== null)) throw DELEGATED;
      return;
    }
    const copied = target[localName] as Record<string, unknown>;
    for (const name of Object.keys(entries)) {
      copying.size += FIELD_BYTES + name.length * UTF8_BYTES;
      copied[copyKey(name)] = copy((entries as Fields)[name], isMessage, copying);
    }
  };
}

/** In an object all keys are strings; those of numbers have one form on the wire, and may have others here. */
function compileKey(type: ScalarType): ((key: string) => string) | undefined {
  switch (type) {
    case ScalarType.STRING:
      return (key) => {
        // Assigning it would set the prototype.
        if (key === "__proto__") throw DELEGATED;
        return SCALARS[type].copy(key) as string;
      };
    case ScalarType.BOOL:
      return (key) => {
        if (key === "true" || key === "false") return key;
        throw DELEGATED;
      };
    default:
      return undefined;
  }
}
