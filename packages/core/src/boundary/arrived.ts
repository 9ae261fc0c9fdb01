// Request messages that have arrived, wherever they come from.
import type { Message } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";

/** A request message: bytes to parse, or the message itself in a call in process. */
export type Inbound = Uint8Array | Message;

/** Request messages that have arrived. */
export interface Arrived {
  /** The end of the stream behind these messages, or its failure; undefined while it is open. */
  readonly end: "end" | ConnectError | undefined;
  /** Whether there is another message. */
  readonly hasNext: boolean;
  /** Passes the next message to `use`, and whether its memory holds other things too. */
  take<T>(use: (message: Inbound, isShared: boolean) => T): T;
}
