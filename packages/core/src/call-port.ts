// What calls and requests answer through; the dispatcher is the one there is.
import type { NativeFailure, NativeInbound } from "./native.ts";

export interface CallPort {
  read(call: number): NativeInbound | null;
  respond(call: number, status: number, header: string[]): void;
  write(call: number, message: Uint8Array, header: string[] | undefined): boolean;
  finish(call: number, message: Uint8Array | null, header: string[] | undefined, trailer: string[] | undefined): void;
  fail(call: number, failure: NativeFailure): void;
  /** What went wrong in the application's code, for the log. */
  report(what: string, error: unknown): void;
}
