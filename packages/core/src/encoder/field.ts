// When a field is written, and how: one function for each field of a type.
//
// Values come in two shapes. A message has every field as protobuf-es keeps it. The plain object that a handler returns has
// some, and is read as `create()` would read it.
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { SCALARS, type Scalar, tagOf } from "./scalar.ts";
import { LEFT, type Sink } from "./sink.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Writes a field of a value, if it is set. `isMessage` tells the shape. */
export type FieldWriter = (sink: Sink, value: Fields, isMessage: boolean) => void;

/** Writes all fields of a value of some type. `isInMessage` tells the shape of what it is in. */
export type MessageWriter = (sink: Sink, value: unknown, isInMessage: boolean) => void;

/** Writes a value with its tag. */
type ValueWriter = (sink: Sink, value: unknown, isMessage: boolean) => void;

const IMPLICIT = 2;
const REQUIRED = 3;
const LENGTH_DELIMITED = 2;

/** Undefined for a field that is left to protobuf-es. */
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
    const write = isLeft(field, message) ? undefined : writerOf(message);
    return write && lengthDelimited(tagOf(field.number, LENGTH_DELIMITED), write);
  }
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(field.number, scalar.wireType);
  return (sink, value) => {
    sink.varint32(tag);
    scalar.write(sink, value);
  };
}

function compilePresence(field: DescField, write: ValueWriter): FieldWriter | undefined {
  const { localName, oneof, presence } = field;
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (sink, value, isMessage) => {
      const set = value[group] as { case?: unknown; value?: unknown } | null | undefined;
      if (set === null || set === undefined) {
        if (isMessage) throw LEFT;
      } else if (set.case === localName) write(sink, set.value, isMessage);
    };
  }
  if (presence !== IMPLICIT) {
    return (sink, value, isMessage) => {
      const given = value[localName];
      // Defaults are on the prototype of a message, and are not set.
      const isSet = given !== undefined && given !== null && (!isMessage || Object.hasOwn(value, localName));
      if (isSet) write(sink, given, isMessage);
      else if (presence === REQUIRED || given === null) {
        if (presence === REQUIRED || isMessage) throw LEFT;
      }
    };
  }
  const isZero = isZeroOf(field);
  return (sink, value, isMessage) => {
    const given = value[localName];
    if (given === undefined || given === null) {
      if (isMessage) throw LEFT;
    } else if (!isZero(given)) write(sink, given, isMessage);
  };
}

function compileList(
  field: DescField & { fieldKind: "list" },
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): FieldWriter | undefined {
  const write = field.packed ? compilePacked(field) : compileItems(compileValue(field, writerOf));
  if (write === undefined) return undefined;
  const { localName } = field;
  return (sink, value, isMessage) => {
    const items = value[localName];
    if (Array.isArray(items)) {
      if (items.length > 0) write(sink, items, isMessage);
    } else if (isMessage || (items !== undefined && items !== null)) throw LEFT;
  };
}

function compileItems(write: ValueWriter | undefined) {
  if (write === undefined) return undefined;
  return (sink: Sink, items: readonly unknown[], isMessage: boolean) => {
    for (let index = 0; index < items.length; index += 1) {
      write(sink, items[index], isMessage);
      sink.check();
    }
  };
}

function compilePacked(field: DescField & { fieldKind: "list" }) {
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(field.number, LENGTH_DELIMITED);
  return (sink: Sink, items: readonly unknown[]) => {
    sink.varint32(tag);
    const begin = sink.fork();
    for (let index = 0; index < items.length; index += 1) {
      scalar.write(sink, items[index]);
      sink.check();
    }
    sink.join(begin);
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
  return (sink, value, isMessage) => {
    const entries = value[localName];
    if (typeof entries !== "object" || entries === null || Array.isArray(entries)) {
      if (isMessage || (entries !== undefined && entries !== null)) throw LEFT;
      return;
    }
    for (const name of Object.keys(entries)) {
      sink.varint32(tag);
      const begin = sink.fork();
      key(sink, name);
      write(sink, (entries as Fields)[name], isMessage);
      sink.join(begin);
    }
  };
}

/** A map's values are field 2 of its entries. */
function compileEntryValue(
  field: DescField & { fieldKind: "map" },
  writerOf: (type: DescMessage) => MessageWriter | undefined,
): ValueWriter | undefined {
  const { message } = field;
  if (message !== undefined) {
    const write = isLeft(field, message) ? undefined : writerOf(message);
    return write && lengthDelimited(tagOf(2, LENGTH_DELIMITED), write);
  }
  const scalar = scalarOf(field);
  if (scalar === undefined) return undefined;
  const tag = tagOf(2, scalar.wireType);
  return (sink, value) => {
    sink.varint32(tag);
    scalar.write(sink, value);
  };
}

/** And its keys field 1. In an object they are all strings. */
function compileKey(type: ScalarType): ((sink: Sink, key: string) => void) | undefined {
  const scalar = SCALARS[type];
  const tag = tagOf(1, scalar.wireType);
  switch (type) {
    case ScalarType.STRING:
      return (sink, key) => {
        sink.varint32(tag);
        sink.lengthAndText(key);
      };
    case ScalarType.BOOL:
      return (sink, key) => {
        if (key !== "true" && key !== "false") throw LEFT;
        sink.varint32(tag);
        scalar.write(sink, key === "true");
      };
    default:
      return undefined;
  }
}

function lengthDelimited(tag: number, write: MessageWriter): ValueWriter {
  return (sink, value, isMessage) => {
    sink.varint32(tag);
    const begin = sink.fork();
    write(sink, value, isMessage);
    sink.join(begin);
  };
}

/** Messages that protobuf-es keeps as something else, and groups. */
function isLeft(field: DescField, { typeName, file }: DescMessage): boolean {
  const isGroup = "delimitedEncoding" in field && field.delimitedEncoding;
  return isGroup || typeName === "google.protobuf.Struct" || file.name === "google/protobuf/wrappers";
}

/** Enums are written as 32-bit integers. */
function scalarOf(field: DescField): Scalar | undefined {
  if (field.enum !== undefined) return SCALARS[ScalarType.INT32];
  const isText = "longAsString" in field && field.longAsString;
  return field.scalar === undefined || isText ? undefined : SCALARS[field.scalar];
}

function isZeroOf(field: DescField): (value: unknown) => boolean {
  if (field.enum !== undefined) {
    const zero = field.enum.values[0]?.number;
    return (value) => value === zero;
  }
  return scalarOf(field)?.isZero ?? (() => false);
}
