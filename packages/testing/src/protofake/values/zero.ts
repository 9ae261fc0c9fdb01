// The value that a scalar has when nobody set it.
import { ScalarType } from "@bufbuild/protobuf";
import type { SingleValue } from "../slot.ts";

const LONG = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64]);

/** Whether values of the type are bigints. */
export function isLong(type: ScalarType): boolean {
  return LONG.has(type);
}

/** The zero value of a type. */
export function zeroOf(type: ScalarType): SingleValue {
  if (type === ScalarType.STRING) return "";
  if (type === ScalarType.BYTES) return new Uint8Array();
  if (type === ScalarType.BOOL) return false;
  return isLong(type) ? 0n : 0;
}
