// A case as bytes: path, header fields and body of its request, and the messages in the body of a response.
import { gunzipSync, gzipSync } from "node:zlib";
import { type DescMessage, fromBinary, fromJsonString, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Case } from "./case.ts";

export function pathOf({ method }: Case): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** The header fields of the request, without pseudo-headers. */
export function headersOf({ protocol, json, gzip, sends }: Case): Record<string, string> {
  const format = json ? "json" : "proto";
  const compression = protocol === "connect" ? "" : "grpc-";
  return {
    "content-type": {
      connect: `application/${format}`,
      grpc: `application/grpc+${format}`,
      "grpc-web": `application/grpc-web+${format}`,
    }[protocol],
    ...(protocol === "connect" && { "connect-protocol-version": "1" }),
    ...(protocol === "grpc" && { te: "trailers" }),
    ...(gzip && {
      [`${compression === "" ? "content" : "grpc"}-encoding`]: "gzip",
      [`${compression}accept-encoding`]: "gzip",
    }),
    ...sends,
  };
}

/** The whole body of the request, with all messages of a stream. */
export function bodyOf(subject: Case): Uint8Array {
  const { method, requests, protocol, gzip } = subject;
  const messages = requests.map((message) => {
    const bytes = encode(subject, method.input, message);
    return gzip ? gzipSync(bytes) : bytes;
  });
  const [only] = messages;
  if (protocol === "connect" && only !== undefined) return only;
  return Buffer.concat(messages.flatMap((message) => [envelopeHead(message, gzip), message]));
}

/** The messages in the body of a response, decompressed, without gRPC-Web's trailers. */
export function messagesIn(subject: Case, body: Buffer): Message[] {
  const { method, protocol, gzip } = subject;
  if (protocol === "connect") return [decode(subject, method.output, gzip ? gunzipSync(body) : body)];
  const messages: Message[] = [];
  for (let rest = body; rest.length > 0; ) {
    const [flags = 0, end] = [rest[0], 5 + rest.readUInt32BE(1)];
    const bytes = rest.subarray(5, end);
    if (flags < 0x80) messages.push(decode(subject, method.output, flags === 1 ? gunzipSync(bytes) : bytes));
    rest = rest.subarray(end);
  }
  return messages;
}

export function encode({ json }: Case, schema: DescMessage, message: Message): Uint8Array {
  return json ? new TextEncoder().encode(toJsonString(schema, message)) : toBinary(schema, message);
}

export function decode({ json }: Case, schema: DescMessage, bytes: Uint8Array): Message {
  return json ? fromJsonString(schema, new TextDecoder().decode(bytes)) : fromBinary(schema, bytes);
}

/** One byte of flags, four bytes of length. */
function envelopeHead(message: Uint8Array, compressed = false): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(message.length, 1);
  return head;
}
