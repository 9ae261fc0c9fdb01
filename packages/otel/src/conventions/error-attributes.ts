// The attributes of an outcome: what a call ended with.
import { Code } from "@connectrpc/connect";
import type { Attributes } from "@opentelemetry/api";
import type { Semconv } from "../environment/semconv.ts";
import { classNameOf, isConnectError, isError, textAt } from "../faults/thrown.ts";
import { ConnectErrorCodeName } from "./connect-error-code.ts";
import { ATTR_ERROR_TYPE, ATTR_RPC_CONNECT_RPC_STATUS_CODE } from "./names.ts";
import type { RpcProtocol } from "./rpc-protocol.ts";
import { ATTR_RPC_STATUS_CODE } from "./stable-names.ts";

/**
 * The attributes of an error by the names of version 1.2. Of a `ConnectError` the name of its code (`NOT_FOUND`), and
 * the code itself; of another `Error` the name of its class; else `UNKNOWN`.
 */
export function buildErrorAttributes(error: unknown): Record<string, string | number> {
  if (isConnectError(error)) {
    return {
      [ATTR_ERROR_TYPE]: ConnectErrorCodeName[error.code] ?? "UNKNOWN",
      [ATTR_RPC_CONNECT_RPC_STATUS_CODE]: error.code,
    };
  }
  return { [ATTR_ERROR_TYPE]: isError(error) ? classNameOf(error) : "UNKNOWN" };
}

/** What the conventions say of a call. */
export interface OutcomeTerms {
  /** Which end of the call is recorded. */
  readonly side: "server" | "client";
  readonly protocol: RpcProtocol;
  readonly semconv: Semconv;
}

/** The attributes of a call that succeeded: with the stable names its status. */
export function successAttributes({ protocol, semconv }: Pick<OutcomeTerms, "protocol" | "semconv">): Attributes {
  return semconv === "legacy" ? {} : { [ATTR_RPC_STATUS_CODE]: protocol === "connect" ? "ok" : "OK" };
}

/** The attributes of a call that failed. */
export function failureAttributes(error: unknown, terms: OutcomeTerms): Attributes {
  const legacy = terms.semconv === "stable" ? {} : buildErrorAttributes(error);
  if (terms.semconv === "legacy") return legacy;
  const status = statusOf(codeOf(error, terms.side), terms.protocol);
  return { ...legacy, [ATTR_RPC_STATUS_CODE]: status, [ATTR_ERROR_TYPE]: status };
}

/**
 * The code of what was thrown, as the caller sees it. An abort is `canceled`. Anything else that is no `ConnectError`
 * is `internal` for the client of a server, which learns no more, and `unknown` for the caller of a client.
 */
export function codeOf(error: unknown, side: OutcomeTerms["side"]): Code {
  if (isConnectError(error)) return error.code in Code ? error.code : Code.Unknown;
  if (isError(error) && textAt(error, "name") === "AbortError") return Code.Canceled;
  return side === "server" ? Code.Internal : Code.Unknown;
}

function statusOf(code: Code, protocol: RpcProtocol): string {
  const name = ConnectErrorCodeName[code] ?? "UNKNOWN";
  if (protocol === "connect") return name.toLowerCase();
  // The one name in which gRPC differs.
  return code === Code.Canceled ? "CANCELLED" : name;
}
