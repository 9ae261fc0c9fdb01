// The port through which calls and plain HTTP requests read and respond. `NativePort` is the port to Rust.
import type { Writer } from "../codec/writer.ts";
import type { InboundMessages } from "./inbound-messages.ts";
import type { NativeFailure } from "./native.ts";

/** Encodes a message into the writer; returns the bytes instead if the message needs memory of its own. */
export type EncodeInto = (writer: Writer) => Uint8Array | undefined;

export interface CallPort {
  /** The request messages that have arrived; null when none has. */
  read(call: number): InboundMessages | null;
  /** Starts the response to a plain HTTP request. */
  respond(call: number, status: number, header: string[]): void;
  /** Sends a message of a response stream. `Exchange.markFull` is called when the next one has to wait. */
  write(call: number, encode: EncodeInto, header: string[] | null): void;
  /** Ends a call without error: with its only message, or with null at the end of a stream. */
  finish(call: number, encode: EncodeInto | null, header: string[] | null, trailer: string[] | null): void;
  /** Ends a call with an error. */
  fail(call: number, failure: NativeFailure): void;
  /** Logs a failure of the application's code. */
  report(what: string, ...details: unknown[]): void;
}
