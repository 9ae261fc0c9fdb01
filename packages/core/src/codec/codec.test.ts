// Parsing and serializing messages in both formats: results, errors and limits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, equals, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BenchService, type Small, SmallSchema } from "../../../../proto/gen/connectum/bench/v1/bench_pb.ts";
import {
  type EchoRequest,
  EchoRequestSchema,
  EchoResponseSchema,
  EchoService,
} from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type MethodOptions, resolveMethodOptions } from "../options/method-options.ts";
import { Codec } from "./codec.ts";
import { Writer } from "./writer.ts";

const codec = (options: MethodOptions = {}) =>
  new Codec(EchoService.method.echo, resolveMethodOptions(options, "here"));

/** The bytes of a message, whether the codec wrote them into the writer or returned them. */
function serialized(codec: Codec, value: unknown, json: boolean): Uint8Array {
  const writer = new Writer(64 * 1024);
  writer.at = 10;
  writer.limit = 32 * 1024;
  const bytes = codec.serialize(value, json, writer);
  return bytes ?? writer.bytes.slice(10, writer.at);
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

function isInvalid(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof ConnectError, String(error));
    assert.equal(Code[error.code], "InvalidArgument");
    assert.match(error.rawMessage, message);
    return true;
  };
}

test("a request is read in both formats", () => {
  const message = create(EchoRequestSchema, { text: "grüße", count: -1, payload: new Uint8Array([0, 255]) });
  const read = [
    codec().parse(toBinary(EchoRequestSchema, message), false),
    codec().parse(bytes(`{"text":"grüße","count":-1,"payload":"AP8="}`), true),
  ];
  for (const each of read) assert.ok(equals(EchoRequestSchema, each as typeof message, message));
  assert.ok(
    equals(EchoRequestSchema, codec().parse(new Uint8Array(), false) as typeof message, create(EchoRequestSchema)),
  );
});

const invalidBinary: Record<string, number[]> = {
  "a length beyond the end": [0x0a, 0x05, 0x61],
  "a truncated tag": [0x80],
  "the field number zero": [0x00, 0x01],
  "an invalid wire type": [0x0f],
  "an end-group tag without its group": [0x0c],
  "a varint that never ends": [0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
};

for (const [what, data] of Object.entries(invalidBinary)) {
  // contract: CN-bad-proto
  test(`binary with ${what} is invalid_argument`, () => {
    assert.throws(() => codec().parse(new Uint8Array(data), false), isInvalid(/^parse binary: ./));
  });
}

const invalidJson: Record<string, { data: Uint8Array; message: RegExp }> = {
  nothing: { data: bytes(""), message: /./ },
  "a syntax error": { data: bytes("{"), message: /./ },
  "a list": { data: bytes("[]"), message: /EchoRequest/ },
  null: { data: bytes("null"), message: /EchoRequest/ },
  "a field of the wrong type": { data: bytes(`{"count":"x"}`), message: /count/ },
  "a number out of range": { data: bytes(`{"count":2147483648}`), message: /count/ },
  "invalid base64": { data: bytes(`{"payload":"*"}`), message: /payload/ },
  "bytes that are not UTF-8": {
    data: new Uint8Array([...bytes(`{"text":"`), 0xff, ...bytes(`"}`)]),
    message: /^the JSON message is not valid UTF-8$/,
  },
};

for (const [what, { data, message }] of Object.entries(invalidJson)) {
  // contract: CN-json-utf8, DEC-json
  test(`JSON with ${what} is invalid_argument`, () => {
    assert.throws(() => codec().parse(data, true), isInvalid(message));
  });
}

test("unknown JSON fields are ignored unless the options say otherwise", () => {
  const data = bytes(`{"unknown":1}`);
  assert.doesNotThrow(() => codec().parse(data, true));
  assert.doesNotThrow(() => codec({ jsonOptions: { alwaysEmitImplicit: true } }).parse(data, true));
  assert.throws(() => codec({ jsonOptions: { ignoreUnknownFields: false } }).parse(data, true), isInvalid(/unknown/));
});

test("a response is written from a message or a plain object", () => {
  for (const value of [create(EchoResponseSchema, { text: "a", index: 1 }), { text: "a", index: 1 }]) {
    assert.deepEqual([...serialized(codec(), value, false)], [0x0a, 0x01, 0x61, 0x10, 0x01]);
    assert.equal(text(serialized(codec(), value, true)), `{"text":"a","index":1}`);
  }
  assert.equal(serialized(codec(), {}, false).byteLength, 0);
  assert.equal(text(serialized(codec(), {}, true)), "{}");
});

test("the options for protobuf-es are applied", () => {
  const json = serialized(codec({ jsonOptions: { alwaysEmitImplicit: true } }), {}, true);
  assert.deepEqual(JSON.parse(text(json)), { text: "", index: 0, payload: "" });
  const value = create(EchoResponseSchema);
  value.$unknown = [{ no: 15, wireType: 0, data: new Uint8Array([1]) }];
  assert.equal(serialized(codec(), value, false).byteLength, 2);
  assert.equal(serialized(codec({ binaryOptions: { writeUnknownFields: false } }), value, false).byteLength, 0);
});

const invalidResponses: [string, unknown, string][] = [
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a list", [], "an array"],
  ["a text", "a", "a string"],
  ["a number", 1, "a number"],
  ["another message", create(EchoRequestSchema), "a connectum.test.v1.EchoRequest"],
];

for (const [what, value, name] of invalidResponses) {
  test(`${what} is not a response`, () => {
    for (const json of [true, false]) {
      assert.throws(() => serialized(codec(), value, json), {
        name: "TypeError",
        message: `the handler gave ${name} instead of a connectum.test.v1.EchoResponse`,
      });
    }
  });
}

test("writeMaxBytes is exact to the byte, in both formats", () => {
  const small = codec({ writeMaxBytes: 12 });
  assert.equal(serialized(small, { text: "a".repeat(10) }, false).byteLength, 12);
  assert.equal(serialized(small, { text: "a" }, true).byteLength, 12);
  for (const [json, size] of [
    [false, 13],
    [true, 22],
  ] as const) {
    assert.throws(
      () => serialized(small, { text: "a".repeat(11) }, json),
      (error) => {
        assert.ok(error instanceof ConnectError);
        assert.equal(Code[error.code], "ResourceExhausted");
        assert.equal(error.rawMessage, `message size ${size} is larger than configured writeMaxBytes 12`);
        return true;
      },
    );
  }
});

/** A buffer that also holds other bytes, and a view of the message in it. */
function among(message: Uint8Array) {
  const memory = new Uint8Array(message.byteLength + 200).fill(0x55);
  memory.set(message, 100);
  return { memory, view: new Uint8Array(memory.buffer, 100, message.byteLength) };
}

test("bytes fields of a message in shared memory are copied", () => {
  const { memory, view } = among(toBinary(EchoRequestSchema, create(EchoRequestSchema, { payload: bytes("mine") })));
  const { payload } = codec().parse(view, false, true) as EchoRequest;
  memory.fill(0);
  assert.equal(text(payload), "mine");
  assert.ok(payload.buffer.byteLength < 20, "the buffer of the field holds nothing else");
});

test("unknown fields of a message in shared memory are copied, too; it equals one in memory of its own", () => {
  const flat = new Codec(BenchService.method.unary, resolveMethodOptions({}, "here"));
  const known = toBinary(SmallSchema, create(SmallSchema, { text: "mine" }));
  const { memory, view } = among(new Uint8Array([...known, 0x7a, 4, ...bytes("what")]));
  const alone = flat.parse(view.slice(), false);
  const message = flat.parse(view, false, true) as Small;
  memory.fill(0);
  assert.deepEqual(message, alone);
  assert.equal(text(message.$unknown?.[0]?.data ?? new Uint8Array()).slice(-4), "what");
  const plain = among(known);
  const read = flat.parse(plain.view, false, true) as Small;
  plain.memory.fill(0);
  assert.equal(read.text, "mine");
});

test("a large response is complete even if its getter writes another large one, which is complete, too", () => {
  const other = { text: "o".repeat(300_000) };
  let inner: Uint8Array | undefined;
  const value = {
    text: "a".repeat(300_000),
    get index(): number {
      inner = serialized(codec(), other, false);
      return 7;
    },
  };
  const expected = (init: { text: string; index?: number }) =>
    Buffer.from(toBinary(EchoResponseSchema, create(EchoResponseSchema, init)));
  assert.ok(expected({ text: value.text, index: 7 }).equals(serialized(codec(), value, false)));
  assert.ok(expected(other).equals(inner ?? assert.fail("the getter ran")));
});
