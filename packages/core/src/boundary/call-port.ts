// What calls and requests answer through; the dispatcher is the one there is.

import type { Writer } from "../codec/writer.ts";
import type { InboundMessages } from "./inbound-messages.ts";
import type { NativeFailure } from "./native.ts";

/** A message that is yet to be written: bytes of its own only where they are needed. */
export type EncodeInto = (writer: Writer) => Uint8Array | undefined;

export interface CallPort {
  /** The request messages that have arrived; null when there are none yet. */
  read(call: number): InboundMessages | null;
  respond(call: number, status: number, header: string[]): void;
  /** Sends a message of a stream. `Call.markFull` tells when it is time to wait. */
  write(call: number, message: EncodeInto, header: string[] | undefined): void;
  finish(call: number, message: EncodeInto | null, header: string[] | undefined, trailer: string[] | undefined): void;
  fail(call: number, failure: NativeFailure): void;
  /** What went wrong in the application's code, for the log. */
  report(what: string, error: unknown): void;
}
