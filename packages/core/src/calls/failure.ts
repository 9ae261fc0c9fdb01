// Turns whatever a handler threw into the error that its client gets.
import { create, type DescMessage, type JsonWriteOptions, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { fieldsOf } from "../boundary/metadata.ts";
import type { NativeFailure } from "../boundary/native.ts";

type Detail = ConnectError["details"][number];
type OutgoingDetail = Extract<Detail, { desc: DescMessage }>;

/** The facts of a call that its error depends on. */
export interface FailureContext {
  /** `connect`, `grpc` or `grpc-web`. */
  readonly protocolName: string;
  readonly jsonOptions: Partial<JsonWriteOptions>;
  /** Logs a part of the error that cannot be sent. */
  report(error: unknown): void;
}

/** All that a client learns of a failure that is not meant for it. */
export const internalError: NativeFailure = {
  code: Code.Internal,
  message: "internal error",
  details: [],
  metadata: null,
  header: null,
  trailer: null,
};

/**
 * The failure for the client. A `ConnectError` is sent as it is; of anything else the client only learns that there was
 * an internal error.
 */
export function failureOf(thrown: unknown, context: FailureContext): NativeFailure {
  if (!(thrown instanceof ConnectError)) return internalError;
  return {
    ...internalError,
    code: typeof thrown.code === "number" && !(thrown.code in Code) ? Code.Unknown : thrown.code,
    message: thrown.rawMessage,
    details: thrown.details.flatMap((detail) => tripleOf(detail, context)),
    metadata: fieldsOf(thrown.metadata),
  };
}

/** Type name, bytes, and JSON text for `debug`. A detail that protobuf-es cannot serialize is left out, and logged. */
function tripleOf(detail: Detail, context: FailureContext): (string | Uint8Array | null)[] {
  if (!isOutgoing(detail)) {
    return [detail.type, detail.value, detail.debug === undefined ? null : JSON.stringify(detail.debug)];
  }
  try {
    const message = create(detail.desc, detail.value);
    const debug = context.protocolName === "connect" ? debugOf(detail.desc, message, context) : null;
    return [detail.desc.typeName, toBinary(detail.desc, message), debug];
  } catch (error) {
    const { typeName } = detail.desc;
    context.report(new Error(`an error detail of the type ${typeName} cannot be sent`, { cause: error }));
    return [];
  }
}

/** The text for `debug`, which only Connect has, for people. An error is complete without it. */
function debugOf(
  desc: DescMessage,
  message: ReturnType<typeof create>,
  { jsonOptions }: FailureContext,
): string | null {
  try {
    return JSON.stringify(toJson(desc, message, jsonOptions));
  } catch {
    return null;
  }
}

function isOutgoing(detail: Detail): detail is OutgoingDetail {
  return "desc" in detail;
}
