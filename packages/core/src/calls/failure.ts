// Whatever a handler threw, as its client is told.
import { create, type DescMessage, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { fieldsOf } from "../boundary/metadata.ts";
import type { NativeFailure } from "../boundary/native.ts";
import type { Call } from "./call.ts";

type Detail = ConnectError["details"][number];
type OutgoingDetail = Extract<Detail, { desc: DescMessage }>;

/**
 * A `ConnectError` is sent as it is. Of anything else the client only learns that it happened.
 */
export function failureOf(thrown: unknown, call: Call): NativeFailure {
  if (!(thrown instanceof ConnectError)) return { code: Code.Internal, message: "internal error", details: [] };
  const metadata = fieldsOf(thrown.metadata);
  return {
    code: typeof thrown.code === "number" && !(thrown.code in Code) ? Code.Unknown : thrown.code,
    message: thrown.rawMessage,
    details: thrown.details.flatMap((detail) => tripleOf(detail, call)),
    ...(metadata && { metadata }),
  };
}

/** Type name, bytes, and JSON text for `debug`. A detail that protobuf-es cannot write is left out, and logged. */
function tripleOf(detail: Detail, call: Call): (string | Uint8Array | null)[] {
  if (!isOutgoing(detail)) {
    return [detail.type, detail.value, detail.debug === undefined ? null : JSON.stringify(detail.debug)];
  }
  try {
    const message = create(detail.desc, detail.value);
    const debug = call.protocolName === "connect" ? debugOf(detail.desc, message, call) : null;
    return [detail.desc.typeName, toBinary(detail.desc, message), debug];
  } catch (error) {
    call.report(new Error(`a ${detail.desc.typeName} among the details of an error cannot be sent`, { cause: error }));
    return [];
  }
}

/** Only Connect has it, and only for reading by people: without it the error is as good. */
function debugOf(desc: DescMessage, message: ReturnType<typeof create>, call: Call): string | null {
  try {
    return JSON.stringify(toJson(desc, message, call.route.options.jsonOptions));
  } catch {
    return null;
  }
}

function isOutgoing(detail: Detail): detail is OutgoingDetail {
  return "desc" in detail;
}
