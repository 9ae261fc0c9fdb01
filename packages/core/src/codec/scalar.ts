// Scalars: how each is written, which values are valid, and which value is its zero. Other values are delegated
// to protobuf-es.
import { ScalarType } from "@bufbuild/protobuf";
import { DELEGATED, type Writer } from "./writer.ts";

const VARINT = 0;
const BIT64 = 1;
const LENGTH_DELIMITED = 2;
const BIT32 = 5;

const FLOAT32_MAX = 3.4028234663852886e38;

export interface Scalar {
  readonly wireType: number;
  /** @throws DELEGATED for a value that is not of this type */
  readonly write: (writer: Writer, value: unknown) => void;
  /**
   * Whether a field with implicit presence is omitted for this value.
   *
   * @throws DELEGATED if protobuf-es has to decide
   */
  readonly isZero: (value: unknown) => boolean;
  /**
   * The value that a reader would parse: no integer is -0.
   *
   * @throws DELEGATED for a value that is not of this type
   */
  readonly copy: (value: unknown) => unknown;
}

/** The halves of a 64-bit integer. */
const halves = new Int32Array(2);
const signed = new BigInt64Array(halves.buffer);
const unsigned = new BigUint64Array(halves.buffer);

function integer(value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw DELEGATED;
}

const int32 = (value: unknown) => integer(value, -0x8000_0000, 0x7fff_ffff);
const uint32 = (value: unknown) => integer(value, 0, 0xffff_ffff);

function int64(value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) throw DELEGATED;
  return value;
}

function uint64(value: unknown): bigint {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw DELEGATED;
  return value;
}

/** Puts a signed integer into `halves`. */
function splitSigned(value: unknown): void {
  signed[0] = int64(value);
}

/** Puts an unsigned integer into `halves`. */
function splitUnsigned(value: unknown): void {
  unsigned[0] = uint64(value);
}

function number(value: unknown): number {
  if (typeof value === "number") return value;
  throw DELEGATED;
}

function float32(value: unknown): number {
  const float = number(value);
  if (Number.isFinite(float) && Math.abs(float) > FLOAT32_MAX) throw DELEGATED;
  return float;
}

function boolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw DELEGATED;
}

function string(value: unknown): string {
  if (typeof value === "string") return value;
  throw DELEGATED;
}

/** Half of a surrogate pair, which UTF-8 cannot have. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function wellFormed(value: unknown): string {
  const text = string(value);
  if (LONE_SURROGATE.test(text)) throw DELEGATED;
  return text;
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw DELEGATED;
}

const varint64 = (writer: Writer) => writer.varint64(halves[0] as number, halves[1] as number);
const fixed64 = (writer: Writer) => writer.fixed64(halves[0] as number, halves[1] as number);

const isNumberZero = (value: unknown) => value === 0;
const isBigIntZero = (value: unknown) => value === 0n;
/** Whether -0 is written depends on the version of protobuf-es. */
function isFloatZero(value: unknown): boolean {
  if (Object.is(value, -0)) throw DELEGATED;
  return value === 0;
}

export const SCALARS: Readonly<Record<ScalarType, Scalar>> = {
  [ScalarType.DOUBLE]: {
    wireType: BIT64,
    write: (writer, value) => writer.double(number(value)),
    isZero: isFloatZero,
    copy: number,
  },
  [ScalarType.FLOAT]: {
    wireType: BIT32,
    write: (writer, value) => writer.float(float32(value)),
    isZero: isFloatZero,
    copy: (value) => Math.fround(float32(value)),
  },
  [ScalarType.INT64]: {
    wireType: VARINT,
    write: (writer, value) => {
      splitSigned(value);
      varint64(writer);
    },
    isZero: isBigIntZero,
    copy: int64,
  },
  [ScalarType.UINT64]: {
    wireType: VARINT,
    write: (writer, value) => {
      splitUnsigned(value);
      varint64(writer);
    },
    isZero: isBigIntZero,
    copy: uint64,
  },
  [ScalarType.INT32]: {
    wireType: VARINT,
    write: (writer, value) => writer.int32(int32(value)),
    isZero: isNumberZero,
    copy: (value) => int32(value) + 0,
  },
  [ScalarType.FIXED64]: {
    wireType: BIT64,
    write: (writer, value) => {
      splitUnsigned(value);
      fixed64(writer);
    },
    isZero: isBigIntZero,
    copy: uint64,
  },
  [ScalarType.FIXED32]: {
    wireType: BIT32,
    write: (writer, value) => writer.fixed32(uint32(value)),
    isZero: isNumberZero,
    copy: (value) => uint32(value) + 0,
  },
  [ScalarType.BOOL]: {
    wireType: VARINT,
    write: (writer, value) => {
      writer.varint32(boolean(value) ? 1 : 0);
    },
    isZero: (value) => value === false,
    copy: boolean,
  },
  [ScalarType.STRING]: {
    wireType: LENGTH_DELIMITED,
    write: (writer, value) => {
      writer.lengthAndText(string(value));
    },
    isZero: (value) => value === "",
    copy: wellFormed,
  },
  [ScalarType.BYTES]: {
    wireType: LENGTH_DELIMITED,
    write: (writer, value) => {
      writer.lengthAndBytes(bytes(value));
    },
    isZero: (value) => value instanceof Uint8Array && value.byteLength === 0,
    copy: (value) => new Uint8Array(bytes(value)),
  },
  [ScalarType.UINT32]: {
    wireType: VARINT,
    write: (writer, value) => writer.varint32(uint32(value)),
    isZero: isNumberZero,
    copy: (value) => uint32(value) + 0,
  },
  [ScalarType.SFIXED32]: {
    wireType: BIT32,
    write: (writer, value) => writer.fixed32(int32(value)),
    isZero: isNumberZero,
    copy: (value) => int32(value) + 0,
  },
  [ScalarType.SFIXED64]: {
    wireType: BIT64,
    write: (writer, value) => {
      splitSigned(value);
      fixed64(writer);
    },
    isZero: isBigIntZero,
    copy: int64,
  },
  [ScalarType.SINT32]: {
    wireType: VARINT,
    write: (writer, value) => writer.sint32(int32(value)),
    isZero: isNumberZero,
    copy: (value) => int32(value) + 0,
  },
  [ScalarType.SINT64]: {
    wireType: VARINT,
    write: (writer, value) => {
      splitSigned(value);
      const [low, high] = [halves[0] as number, halves[1] as number];
      const sign = high >> 31;
      writer.varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
    },
    isZero: isBigIntZero,
    copy: int64,
  },
};

/** The tag of a field: its number and its wire type. */
export function tagOf(fieldNumber: number, wireType: number): number {
  return ((fieldNumber << 3) | wireType) >>> 0;
}
