// Compiles one function for each field of a type, which writes the field if it is set.
//
// A value has one of two shapes: a message, which has every field as protobuf-es stores it, or a plain object of a
// handler, which has some fields, and is read as `create()` would read it.
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { SCALARS, type Scalar, tagOf } from "./scalar.ts";
import { DELEGATED, type Writer } from "./writer.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Writes a field of a value, if it is set. `isMessage` is the shape of the value. */
export type FieldWriter = (writer: Writer, value: Fields, isMessage: boolean) => void;

/** Writes all fields of a value. `isInMessage` is the shape of the value that contains it. */
export type MessageWriter = (writer: Writer, value: unknown, isInMessage: boolean) => void;

/** Writes a value with its tag. */
type ValueWriter = (writer: Writer, value: unknown, isMessage: boolean) => void;

/** Values of `google.protobuf.FeatureSet.FieldPresence`. */
export const IMPLICIT = 2;
export const REQUIRED = 3;
/** The wire type of texts, bytes, messages and packed lists. */
const LENGTH_DELIMITED = 2;

/** Undefined for a field that is delegated to protobuf-es. */
export function compileField(
  field: DescField,
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): FieldWriter | undefined {
  switch (field.fieldKind) {
    case "list":
      return compileList(field, writerOf);
    case "map":
      return compileMap(field, writerOf);
    default: {
      const write = compileValue(field, writerOf);
      return write && compilePresence(field, write);
    }
  }
}

function compileValue(
  field: DescField,
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): ValueWriter | undefined {
  const message = field.message;
  if (message !== undefined) {
    const write = isDelegated(field, message) ? undefined : writerOf(message);
    return write && lengthDelimited(tagOf(field.number, LENGTH_DELIMITED), write);
  }
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(field.number, scalar.wireType);
  return (writer, value) => {
    writer.varint32(tag);
    scalar.write(writer, value);
  };
}

/** Writes a field only if it is set, by the rules of its presence. */
function compilePresence(field: DescField, write: ValueWriter): FieldWriter | undefined {
  const { localName, oneof, presence } = field;
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (writer, value, isMessage) => {
      const set = value[group] as { case?: unknown; value?: unknown } | null | undefined;
      if (set === null || set === undefined) {
        if (isMessage) throw DELEGATED;
      } else if (set.case === localName) write(writer, set.value, isMessage);
    };
  }
  if (presence !== IMPLICIT) {
    return (writer, value, isMessage) => {
      const given = value[localName];
      // The prototype of a message has the default values of fields that are not set.
      const isSet = given !== undefined && given !== null && (!isMessage || Object.hasOwn(value, localName));
      if (isSet) write(writer, given, isMessage);
      else if (presence === REQUIRED || (given === null && isMessage)) throw DELEGATED;
    };
  }
  const isZero = isZeroOf(field);
  return (writer, value, isMessage) => {
    const given = value[localName];
    if (given === undefined || given === null) {
      if (isMessage) throw DELEGATED;
    } else if (!isZero(given)) write(writer, given, isMessage);
  };
}

function compileList(
  field: DescField & { fieldKind: "list" },
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): FieldWriter | undefined {
  const write = field.packed ? compilePacked(field) : compileItems(compileValue(field, writerOf));
  if (write === undefined) return undefined;
  const { localName } = field;
  return (writer, value, isMessage) => {
    const items = value[localName];
    if (Array.isArray(items)) {
      if (items.length > 0) write(writer, items, isMessage);
    } else if (isMessage || (items !== undefined && items !== null)) throw DELEGATED;
  };
}

function compileItems(write: ValueWriter | undefined) {
  if (write === undefined) return undefined;
  return (writer: Writer, items: readonly unknown[], isMessage: boolean) => {
    for (let index = 0; index < items.length; index += 1) {
      write(writer, items[index], isMessage);
      writer.check();
    }
  };
}

function compilePacked(field: DescField & { fieldKind: "list" }) {
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(field.number, LENGTH_DELIMITED);
  return (writer: Writer, items: readonly unknown[]) => {
    writer.varint32(tag);
    const begin = writer.fork();
    for (let index = 0; index < items.length; index += 1) {
      scalar.write(writer, items[index]);
      writer.check();
    }
    writer.join(begin);
  };
}

function compileMap(
  field: DescField & { fieldKind: "map" },
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): FieldWriter | undefined {
  const key = compileKey(field.mapKey);
  const write = compileEntryValue(field, writerOf);
  if (key === undefined || write === undefined) return undefined;
  const { localName } = field;
  const tag = tagOf(field.number, LENGTH_DELIMITED);
  return (writer, value, isMessage) => {
    const entries = value[localName];
    if (typeof entries !== "object" || entries === null || Array.isArray(entries)) {
      if (isMessage || (entries !== undefined && entries !== null)) throw DELEGATED;
      return;
    }
    for (const name of Object.keys(entries)) {
      writer.varint32(tag);
      const begin = writer.fork();
      key(writer, name);
      write(writer, (entries as Fields)[name], isMessage);
      writer.join(begin);
    }
  };
}

/** The values of a map are field 2 of its entries. */
function compileEntryValue(
  field: DescField & { fieldKind: "map" },
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): ValueWriter | undefined {
  const { message } = field;
  if (message !== undefined) {
    const write = isDelegated(field, message) ? undefined : writerOf(message);
    return write && lengthDelimited(tagOf(2, LENGTH_DELIMITED), write);
  }
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(2, scalar.wireType);
  return (writer, value) => {
    writer.varint32(tag);
    scalar.write(writer, value);
  };
}

/** The keys of a map are field 1 of its entries. In an object all keys are strings. */
function compileKey(type: ScalarType): ((writer: Writer, key: string) => void) | undefined {
  const scalar = SCALARS[type];
  const tag = tagOf(1, scalar.wireType);
  switch (type) {
    case ScalarType.STRING:
      return (writer, key) => {
        writer.varint32(tag);
        writer.lengthAndText(key);
      };
    case ScalarType.BOOL:
      return (writer, key) => {
        if (key !== "true" && key !== "false") throw DELEGATED;
        writer.varint32(tag);
        scalar.write(writer, key === "true");
      };
    default:
      return undefined;
  }
}

function lengthDelimited(tag: number, write: MessageWriter): ValueWriter {
  return (writer, value, isMessage) => {
    writer.varint32(tag);
    const begin = writer.fork();
    write(writer, value, isMessage);
    writer.join(begin);
  };
}

/** Messages that protobuf-es stores in another form, and groups. */
export function isDelegated(field: DescField, { typeName, file }: DescMessage): boolean {
  const isGroup = "delimitedEncoding" in field && field.delimitedEncoding;
  return isGroup || typeName === "google.protobuf.Struct" || file.name === "google/protobuf/wrappers";
}

/** Enums are written as 32-bit integers. */
export function scalarOf(field: DescField): Scalar | undefined {
  if (field.enum !== undefined) return SCALARS[ScalarType.INT32];
  const isText = "longAsString" in field && field.longAsString;
  return field.scalar === undefined || isText ? undefined : SCALARS[field.scalar];
}

export function isZeroOf(field: DescField): (value: unknown) => boolean {
  if (field.enum !== undefined) {
    const zero = field.enum.values[0]?.number;
    return (value) => value === zero;
  }
  return scalarOf(field)?.isZero ?? (() => false);
}
