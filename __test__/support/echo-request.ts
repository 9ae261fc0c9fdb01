// Request messages of the echo service, as gRPC and Connect streams send them.
import type { Buffer } from "node:buffer";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { EchoRequestSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { envelope } from "./envelope.ts";

/** An EchoRequest in its envelope. */
export function echoRequest(fields: MessageInitShape<typeof EchoRequestSchema> = {}): Buffer {
  return envelope(toBinary(EchoRequestSchema, create(EchoRequestSchema, fields)));
}
