// What calls and requests answer through; the dispatcher is the one there is.
import type { Arrived } from "./arrived.ts";
import type { Sink } from "./encoder/sink.ts";
import type { NativeFailure } from "./native.ts";

/** A message that is yet to be written: bytes of its own only where they are needed. */
export type Outgoing = (sink: Sink) => Uint8Array | undefined;

export interface CallPort {
  /** The request messages that have arrived; null when there are none yet. */
  read(call: number): Arrived | null;
  respond(call: number, status: number, header: string[]): void;
  /** Sends a message of a stream. `Call.markFull` tells when it is time to wait. */
  write(call: number, message: Outgoing, header: string[] | undefined): void;
  finish(call: number, message: Outgoing | null, header: string[] | undefined, trailer: string[] | undefined): void;
  fail(call: number, failure: NativeFailure): void;
  /** What went wrong in the application's code, for the log. */
  report(what: string, error: unknown): void;
}
