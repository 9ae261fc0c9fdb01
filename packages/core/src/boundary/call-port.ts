// The port through which calls and plain HTTP requests read and respond. `NativePort` is the port to Rust; calls in
// process have ports of their own.
import type { Writer } from "../codec/writer.ts";
import type { Peer } from "../options/peer.ts";
import type { Arrived } from "./arrived.ts";
import type { InboundMessages } from "./inbound-messages.ts";
import type { PeerHead } from "./inbound-peer.ts";
import type { NativeFailure } from "./native.ts";

/** A message of a response, not encoded yet: a port may not need its bytes. */
export interface Outbound {
  /** Encodes it into the writer; returns the bytes instead if it needs memory of its own. */
  encodeInto(writer: Writer): Uint8Array | undefined;
}

/** @typeParam O the messages that it sends */
export interface CallPort<O extends Outbound = Outbound> {
  /** The request messages that have arrived; null when none has. */
  read(call: number): Arrived | null;
  /** Sends a message of a response stream. `Exchange.markFull` is called when the next one has to wait. */
  write(call: number, message: O, header: string[] | null): void;
  /** Ends a call without error: with its only message, or with null at the end of a stream. */
  finish(call: number, message: O | null, header: string[] | null, trailer: string[] | null): void;
  /** Ends a call with an error. */
  fail(call: number, failure: NativeFailure): void;
  /** Who has made a call that is not over. */
  peer(call: number, head: PeerHead): Peer;
  /** Logs a failure of the application's code. */
  report(what: string, ...details: unknown[]): void;
}

/** The port of plain HTTP requests, whose messages are bytes. */
export interface HttpPort extends CallPort {
  read(call: number): InboundMessages | null;
  /** Drops the body of the request, also what is still to come: nobody will read it. */
  discard(call: number): void;
  /** Starts the response. */
  respond(call: number, status: number, header: string[]): void;
}
