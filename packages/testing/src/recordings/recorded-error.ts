// Errors of a recording, as clients get them.
import { create, fromBinary, type MessageInitShape, type Registry, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromString, codeToString } from "@connectrpc/connect/protocol-connect";
import { redacted } from "@connectum/interceptors/redaction";
import type { RecordedError } from "./recorded-call.ts";
import { headersOf, recordedFields } from "./recorded-fields.ts";

type Detail = ConnectError["details"][number];

/** Gets what could not be recorded, and why. */
export type Unrecorded = (what: string, reason: unknown) => void;

/**
 * The error that a client gets for what a handler has thrown.
 *
 * @param registry has the types of details that the handler itself did not make; others are recorded without their
 *   content, of which nobody knows what is to be redacted
 * @param failed gets the details that cannot be written, which are recorded without their content, too
 */
export function recordedError(thrown: unknown, registry: Registry | undefined, failed: Unrecorded): RecordedError {
  // Of other errors a client of core learns no more.
  const error = thrown instanceof ConnectError ? thrown : new ConnectError("internal error", Code.Internal);
  return {
    code: codeToString(error.code),
    message: error.rawMessage,
    details: error.details.map((detail) => recordedDetail(detail, registry, failed)),
    metadata: recordedFields(error.metadata),
  };
}

/** A new error for each call. */
export function errorOf({ code, message, details, metadata }: RecordedError): ConnectError {
  const error = new ConnectError(message, codeFromString(code) ?? Code.Unknown, headersOf(metadata));
  error.details = details.map(({ type, value }) => ({ type, value: base64Decode(value) }));
  return error;
}

type RecordedDetail = RecordedError["details"][number];

function recordedDetail(detail: Detail, registry: Registry | undefined, failed: Unrecorded): RecordedDetail {
  const desc = "desc" in detail ? detail.desc : registry?.getMessage(detail.type);
  if (desc === undefined) return { type: (detail as { type: string }).type, value: "" };
  try {
    const message =
      "desc" in detail ? create(desc, detail.value as MessageInitShape<typeof desc>) : fromBinary(desc, detail.value);
    return { type: desc.typeName, value: base64Encode(toBinary(desc, redacted(desc, message))) };
  } catch (reason) {
    failed(`the error detail ${desc.typeName}`, reason);
    return { type: desc.typeName, value: "" };
  }
}
