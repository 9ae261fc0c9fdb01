// The error that the client of a call in process gets: what is left of it when it has been sent.
import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { NativeFailure } from "../boundary/native.ts";
import { responseHeaders } from "./local-headers.ts";

/**
 * @throws TypeError for a code that is none: the call fails with an internal error then
 */
export function errorOf({ code, message, details, metadata, header, trailer }: NativeFailure): ConnectError {
  if (typeof code !== "number" || Code[code] === undefined)
    throw new TypeError(`${String(code)} is no code of an error`);
  const error = new ConnectError(wellFormed(`${message}`), code, responseHeaders(header, metadata, trailer));
  // Type, value and text for `debug` in turn.
  for (let at = 0; at + 2 < details.length; at += 3) {
    const [type, value, debug] = [details[at], details[at + 1], details[at + 2]];
    if (typeof type !== "string" || !(value instanceof Uint8Array)) throw new TypeError("an error detail is none");
    const detail = { type, value: new Uint8Array(value) };
    error.details.push(typeof debug === "string" ? { ...detail, debug: JSON.parse(debug) as JsonValue } : detail);
  }
  return error;
}

/** UTF-8 has no half of a surrogate pair: a replacement character is sent. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
