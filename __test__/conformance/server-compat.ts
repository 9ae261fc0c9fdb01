// The exchange between the runner and the server it starts: one message each way, after a length of four bytes.
import type { Readable, Writable } from "node:stream";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../../.build/conformance/connectrpc/conformance/v1/server_compat_pb.js";

const LENGTH_BYTES = 4;

/**
 * The server that the runner asks for.
 *
 * @throws Error when the input ends before the message does
 */
export async function readRequest(input: Readable): Promise<ServerCompatRequest> {
  let received = Buffer.alloc(0);
  for await (const chunk of input) {
    received = Buffer.concat([received, chunk]);
    if (received.length < LENGTH_BYTES) continue;
    const end = LENGTH_BYTES + received.readUInt32BE();
    if (received.length >= end) return fromBinary(ServerCompatRequestSchema, received.subarray(LENGTH_BYTES, end));
  }
  throw new Error(`standard input ended after ${received.length} bytes, within the runner's ServerCompatRequest`);
}

/** The address of the server. */
export function writeResponse(output: Writable, response: MessageInitShape<typeof ServerCompatResponseSchema>): void {
  const message = toBinary(ServerCompatResponseSchema, create(ServerCompatResponseSchema, response));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(message.length);
  output.write(Buffer.concat([length, message]));
}
