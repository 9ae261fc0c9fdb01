// Messages that are not what their content type says.
import { envelope } from "../../support/envelope.ts";
import { configured, only } from "../parity-case.ts";
import { connectStream, connectUnary, grpc, grpcWeb } from "../request.ts";
import { none } from "./messages.ts";

const badProto = {
  "a field without its bytes": Buffer.from([0x0a, 0x05, 0x61]),
  "a field number of 0": Buffer.from([0x02, 0x00]),
  "a varint without an end": Buffer.from([0x10, 0xff, 0xff]),
  "a group never closed": Buffer.from([0x0b]),
  "text that is not UTF-8": Buffer.from([0x0a, 0x01, 0xff]),
};

const badJson = {
  "no JSON": Buffer.from("{"),
  "no object": Buffer.from("[1]"),
  "an array for a message": Buffer.from("[]"),
  null: Buffer.from("null"),
  "a wrong type": Buffer.from('{"text":1}'),
  "a number out of range": Buffer.from('{"count":2147483648}'),
  "a field twice": Buffer.from('{"text":"a","text":"b"}'),
  "no base64 in a bytes field": Buffer.from('{"payload":"*"}'),
  "bytes that are not UTF-8": Buffer.from([...Buffer.from('{"text":"'), 0xff, ...Buffer.from('"}')]),
  "a byte order mark": Buffer.from('\ufeff{"text":"a"}'),
  "nothing at all": Buffer.alloc(0),
  "something after it": Buffer.from('{"text":"a"} x'),
};

const json = { codec: "json" } as const;
const named = <T, R>(title: string, bodies: Record<string, T>, request: (body: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(bodies).map(([name, body]) => [`${title}, ${name}`, request(body)]));

export default {
  ...only("1.1", {
    ...named("proto", badProto, (body) => connectUnary("Echo", {}, { codec: "proto", body })),
    ...named("JSON", badJson, (body) => connectUnary("Echo", {}, { body })),
    "Connect stream, bad proto": connectStream("EchoServerStream", none, {
      body: envelope(badProto["a field without its bytes"]),
    }),
    "Connect stream, bad JSON": connectStream("EchoServerStream", none, {
      ...json,
      body: envelope(badJson["no JSON"]),
    }),
    "Connect stream, JSON that is not UTF-8": connectStream("EchoClientStream", none, {
      ...json,
      body: envelope(badJson["bytes that are not UTF-8"]),
    }),
  }),
  ...only("2", {
    // contract: CN-bad-proto
    "gRPC, bad proto": grpc("Echo", none, { body: envelope(badProto["a field without its bytes"]) }),
    "gRPC stream, bad proto at the second message": grpc("EchoBidiStream", none, {
      body: Buffer.concat([envelope(Buffer.alloc(0)), envelope(badProto["a field without its bytes"])]),
    }),
    // contract: DEC-json
    "gRPC, bad JSON": grpc("Echo", none, { ...json, body: envelope(badJson["a wrong type"]) }),
    // contract: CN-json-utf8
    "gRPC, JSON that is not UTF-8": grpc("Echo", none, {
      ...json,
      body: envelope(badJson["bytes that are not UTF-8"]),
    }),
    "gRPC-Web, bad proto": grpcWeb("Echo", none, { body: envelope(badProto["a field without its bytes"]) }),
  }),
  ...configured(
    "strict",
    only("1.1", {
      "JSON, an unknown field where none is allowed": connectUnary(
        "Echo",
        {},
        {
          body: Buffer.from('{"text":"a","later":1}'),
        },
      ),
    }),
  ),
};
