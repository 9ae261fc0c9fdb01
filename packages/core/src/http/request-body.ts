// The body of a plain HTTP request as a stream of the Fetch standard.
import type { InboundMessages } from "../boundary/inbound-messages.ts";
import { type BodyFault, faultOf } from "./body-fault.ts";
import type { HttpExchange } from "./http-exchange.ts";

/** A stream, and what ends it from outside. */
export interface RequestBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Makes what is not read yet fail with `reason`. */
  readonly abort: (reason: unknown) => void;
  /** What was wrong with it. */
  readonly fault: BodyFault | undefined;
}

/**
 * A readable byte stream that asks Rust for bytes only while its reader asks for some: what nobody reads stays with the
 * client, held back by flow control. Whatever has arrived by then is one chunk, in memory of its own.
 */
export function requestBody(exchange: HttpExchange): RequestBody {
  let controller: ReadableByteStreamController | undefined;
  let isClosed = false;
  let fault: BodyFault | undefined;
  const abort = (reason: unknown) => {
    if (isClosed) return;
    isClosed = true;
    controller?.error(reason);
  };
  const pull = async (to: ReadableByteStreamController) => {
    while (!isClosed) {
      if (exchange.isOver) {
        abort(new DOMException("the response is complete", "AbortError"));
        return;
      }
      const arrived = exchange.read();
      if (arrived === null) {
        await exchange.readable();
        continue;
      }
      const chunk = joined(arrived);
      if (chunk.byteLength > 0) to.enqueue(chunk);
      if (arrived.end === "end") {
        isClosed = true;
        to.close();
        // A reader that brought its own memory waits for this.
        to.byobRequest?.respond(0);
      } else if (arrived.end !== undefined) {
        fault = faultOf(arrived.end);
        // Without a fault the client has gone. This aborts the stream too.
        if (fault === undefined) exchange.cancel();
        else abort(fault);
      } else if (chunk.byteLength === 0) {
        continue;
      }
      return;
    }
  };
  const stream = new ReadableStream({
    type: "bytes",
    start: (own) => {
      controller = own;
    },
    pull,
    cancel: () => {
      isClosed = true;
      exchange.discard();
    },
  });
  return {
    stream,
    abort,
    get fault() {
      return fault;
    },
  };
}

/** The messages as one piece, in memory of its own: a byte stream takes the memory of its chunks away. */
function joined(messages: InboundMessages): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let isOwn = false;
  while (messages.hasNext) {
    messages.take((bytes, isShared) => {
      pieces.push(bytes);
      size += bytes.byteLength;
      isOwn = !isShared;
    });
  }
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1 && isOwn) return first;
  const chunk = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    chunk.set(piece, at);
    at += piece.byteLength;
  }
  return chunk;
}
