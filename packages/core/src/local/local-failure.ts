// The error that the client of a call in process gets: what is left of it when it has been sent.
import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { NativeFailure } from "../boundary/native.ts";
import { responseHeaders } from "./local-headers.ts";

/** The most bytes of a text, as in `src/protocol/connect/error_json.rs`. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * @throws TypeError for a code that is none: the call fails with an internal error then
 */
export function errorOf({ code, message, details, metadata, header, trailer }: NativeFailure): ConnectError {
  if (typeof code !== "number" || Code[code] === undefined)
    throw new TypeError(`${String(code)} is no code of an error`);
  const error = new ConnectError(sentText(`${message}`), code, responseHeaders(header, metadata, trailer));
  // Type, value and text for `debug` in turn.
  for (let at = 0; at + 2 < details.length; at += 3) {
    const [type, value, debug] = [details[at], details[at + 1], details[at + 2]];
    if (typeof type !== "string" || !(value instanceof Uint8Array)) throw new TypeError("an error detail is none");
    const detail = { type, value: new Uint8Array(value) };
    error.details.push(typeof debug === "string" ? { ...detail, debug: JSON.parse(debug) as JsonValue } : detail);
  }
  return error;
}

/**
 * The text as UTF-8 that Rust has truncated: a replacement character for each half of a surrogate pair, and no part of
 * a character at the end.
 */
function sentText(text: string): string {
  const wellFormed = text.replace(/\p{Surrogate}/gu, "\ufffd");
  // No character has more bytes than three for each of its units.
  if (wellFormed.length * 3 <= MAX_MESSAGE_BYTES) return wellFormed;
  const { read } = new TextEncoder().encodeInto(wellFormed, new Uint8Array(MAX_MESSAGE_BYTES));
  return wellFormed.slice(0, read);
}
