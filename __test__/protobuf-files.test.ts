// Every protobuf file that protobuf-es accepts is served, in binary and in JSON: editions, proto2, proto3, and two
// files with the same name.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  createRegistry,
  type DescMessage,
  equals,
  getExtension,
  hasExtension,
  isFieldSet,
  type MessageInitShape,
  type MessageShape,
  setExtension,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import { AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import type { MethodOptions } from "@connectum/core";
import { Closed, EditionsSchema, EditionsService, Open } from "./protobuf-files/gen/editions_pb.js";
import { ExtraSchema, extra, extras, Kind, Proto2Schema, Proto2Service } from "./protobuf-files/gen/proto2_pb.js";
import { Level, Proto3Service, ScalarsSchema, WellKnownService } from "./protobuf-files/gen/proto3_pb.js";
import { SameService as SameOne } from "./protobuf-files/same-name-one/gen/same_pb.js";
import { SameService as SameTwo } from "./protobuf-files/same-name-two/gen/same_pb.js";
import { serve } from "./support/serve.ts";
import { protocolClients } from "./support/transports.ts";

/** The JSON form of Any and of extensions needs their types. */
const registry = createRegistry(ScalarsSchema, extra, extras);
const options: MethodOptions = { jsonOptions: { registry } };

/** A service that echoes messages, one by one and in a stream. */
type EchoOf<S extends DescMessage> = GenService<{
  echo: { methodKind: "unary"; input: S; output: S };
  echoStream: { methodKind: "bidi_streaming"; input: S; output: S };
}>;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly schema: DescMessage;
  readonly messages: readonly MessageShape<DescMessage>[];
  readonly register: (router: ConnectRouter) => void;
  readonly service: EchoOf<DescMessage>;
}

function caseOf<S extends DescMessage>(name: string, service: EchoOf<S>, messages: MessageInitShape<S>[]): Case {
  const echo = service as unknown as EchoOf<DescMessage>;
  const schema = echo.method.echo.input;
  return {
    name,
    path: `/${service.typeName}/Echo`,
    schema,
    service: echo,
    messages: messages.map((message) => create(schema, message)),
    register(router) {
      router.service(echo, {
        echo: (message) => message,
        async *echoStream(messages) {
          yield* messages;
        },
      });
    },
  };
}

function extended() {
  const message = create(Proto2Schema, { required: "extended" });
  setExtension(message, extra, "extra");
  setExtension(message, extras, [create(ExtraSchema, { yes: true }), create(ExtraSchema)]);
  return message;
}

const cases: readonly Case[] = [
  caseOf("edition 2023", EditionsService, [
    {},
    { explicit: 0, withDefault: 0, closed: Closed.TWO },
    {
      implicit: -1,
      delimited: { text: "group", nested: { text: "group in a group" } },
      delimitedList: [{ text: "one" }, {}, { nested: {} }],
      lengthPrefixed: { text: "message" },
      expanded: [1, 2, 300],
      packed: [1, 2, 300],
      open: Open.ONE,
      unchecked: "grüße",
    },
    { open: 77 as Open },
  ]),
  caseOf("proto2", Proto2Service, [
    { required: "" },
    {
      required: "r",
      optional: 0,
      singlegroup: { text: "group" },
      manygroup: [{ index: 1 }, { index: 2 }],
      unpacked: [1, 2],
      packed: [3, 4],
      kind: Kind.FIRST,
    },
    extended(),
  ]),
  caseOf("proto3", Proto3Service, [
    {},
    {
      strings: { "": "empty", ключ: "значение" },
      messages: { [-1]: { maybe: 0 }, 7: {} },
      levels: { true: Level.LOW, false: Level.NEGATIVE },
      numbers: { "18446744073709551615": new Uint8Array([255]) },
    },
    { choice: { case: "text", value: "" } },
    { choice: { case: "message", value: { choice: { case: "nothing", value: 0 } } } },
    {
      scalars: {
        double: -5e-324,
        float: Number.NEGATIVE_INFINITY,
        int32: -(2 ** 31),
        int64: -(2n ** 63n),
        uint32: 2 ** 32 - 1,
        uint64: 2n ** 64n - 1n,
        sint32: -1,
        sint64: -1n,
        fixed32: 1,
        fixed64: 1n,
        sfixed32: -1,
        sfixed64: -1n,
        bool: true,
        string: "\u0000\u{10ffff}",
        bytes: new Uint8Array([0, 255]),
      },
    },
    {
      any: anyPack(ScalarsSchema, create(ScalarsSchema, { string: "packed" })),
      timestamp: { seconds: 253402300799n, nanos: 999_999_999 },
      duration: { seconds: -1n, nanos: -5 },
      mask: { paths: ["any", "scalars.string"] },
      struct: { list: [1, null, "a", { deep: true }] },
      wrapped: 0n,
      renamed: "r",
    },
  ]),
];

for (const { name, schema, messages, register, service, path } of cases) {
  for (const { name: protocol, transport } of protocolClients) {
    for (const useBinaryFormat of [true, false]) {
      const format = useBinaryFormat ? "binary" : "JSON";
      // contract: DEC-files
      test(`${name}: messages reach the handler and return unchanged, ${protocol}, ${format}`, {
        timeout: 10_000,
      }, async (t) => {
        const { url, logged } = await serve(t, { services: [register], ...options });
        const client = createClient(service, transport(url, { useBinaryFormat, jsonOptions: { registry } }));
        for (const message of messages) {
          assert.ok(equals(schema, await client.echo(message), message, { registry, extensions: true, unknown: true }));
        }
        const streamed: MessageShape<DescMessage>[] = [];
        const requests = (async function* () {
          yield* messages;
        })();
        for await (const message of client.echoStream(requests)) streamed.push(message);
        assert.equal(streamed.length, messages.length);
        for (const [index, message] of messages.entries()) {
          assert.ok(equals(schema, streamed[index] ?? assert.fail(), message, { registry, extensions: true }));
        }
        assert.deepEqual(logged, []);
      });
    }
  }

  // contract: DEC-json, DEC-files
  test(`${name}: the bytes on the wire are those of protobuf-es`, { timeout: 10_000 }, async (t) => {
    const { url } = await serve(t, { services: [register], ...options });
    const post = async (type: string, body: Uint8Array | string) => {
      const response = await fetch(`${url}${path}`, { method: "POST", headers: { "content-type": type }, body });
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.equal(response.status, 200, bytes.toString());
      return bytes;
    };
    for (const message of messages) {
      const bytes = toBinary(schema, message);
      assert.deepEqual(await post("application/proto", bytes), Buffer.from(bytes));
      const json = toJsonString(schema, message, { registry });
      assert.equal((await post("application/json", json)).toString(), json);
    }
  });
}

test("presence is kept: a field set to its default value is still set", { timeout: 10_000 }, async (t) => {
  const seen: boolean[] = [];
  const { url } = await serve(t, {
    services: [
      (router) =>
        router.service(EditionsService, {
          echo(message) {
            for (const field of ["explicit", "withDefault", "implicit"] as const) {
              seen.push(isFieldSet(message, EditionsSchema.field[field]));
            }
            return message;
          },
        }),
    ],
  });
  for (const { transport } of protocolClients) {
    await createClient(EditionsService, transport(url)).echo({ explicit: 0, implicit: 0 });
    assert.deepEqual(seen.splice(0), [true, false, false]);
  }
});

test("handlers that know their types can read extensions and packed messages", { timeout: 10_000 }, async (t) => {
  const seen: unknown[] = [];
  const { url } = await serve(t, {
    services: [
      (router) =>
        router.service(Proto2Service, {
          echo(message) {
            seen.push(hasExtension(message, extra), getExtension(message, extra), getExtension(message, extras).length);
            return message;
          },
        }),
      (router) =>
        router.service(Proto3Service, {
          echo(message) {
            seen.push(anyUnpack(message.any ?? create(AnySchema), ScalarsSchema)?.string);
            return message;
          },
        }),
    ],
    ...options,
  });
  const any = anyPack(ScalarsSchema, create(ScalarsSchema, { string: "packed" }));
  for (const { transport } of protocolClients) {
    for (const useBinaryFormat of [true, false]) {
      const clientTransport = transport(url, { useBinaryFormat, jsonOptions: { registry } });
      await createClient(Proto2Service, clientTransport).echo(extended());
      await createClient(Proto3Service, clientTransport).echo({ any });
      assert.deepEqual(seen.splice(0), [true, "extra", 2, "packed"]);
    }
  }
});

test("without a registry Any has no JSON: the error names the problem", {
  timeout: 10_000,
}, async (t) => {
  const { url } = await serve(t, {
    services: [(router) => router.service(Proto3Service, { echo: (message) => message })],
  });
  const response = await fetch(`${url}/connectum.test.proto3.Proto3Service/Echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"any":{"@type":"type.googleapis.com/connectum.test.proto3.Scalars","string":"a"}}`,
  });
  const { code, message } = (await response.json()) as { code: string; message: string };
  assert.deepEqual([response.status, code], [400, "invalid_argument"]);
  assert.match(message, /connectum\.test\.proto3\.Scalars/);
});

test("methods may have well-known types as input and output", { timeout: 10_000 }, async (t) => {
  const { url } = await serve(t, {
    services: [
      (router) =>
        router.service(WellKnownService, {
          ping: () => ({}),
          reverse: ({ value }) => ({ value: [...value].reverse().join("") }),
        }),
    ],
  });
  for (const { transport } of protocolClients) {
    for (const useBinaryFormat of [true, false]) {
      const client = createClient(WellKnownService, transport(url, { useBinaryFormat }));
      assert.equal((await client.ping({})).$typeName, "google.protobuf.Empty");
      assert.equal((await client.reverse({ value: "abc" })).value, "cba");
    }
  }
});

// contract: DEC-files
test("two files with the same name can both be served", { timeout: 10_000 }, async (t) => {
  assert.equal(SameOne.file.name, SameTwo.file.name);
  const { url, server } = await serve(t, {
    services: [
      (router) => router.service(SameOne, { echo: ({ text }) => ({ text: `${text}!` }) }),
      (router) => router.service(SameTwo, { echo: ({ number }) => ({ number: number + 1 }) }),
    ],
  });
  assert.deepEqual([server.hasService(SameOne), server.hasService(SameTwo)], [true, true]);
  for (const { transport } of protocolClients) {
    for (const useBinaryFormat of [true, false]) {
      const clientTransport = transport(url, { useBinaryFormat });
      assert.equal((await createClient(SameOne, clientTransport).echo({ text: "a" })).text, "a!");
      assert.equal((await createClient(SameTwo, clientTransport).echo({ number: 1 })).number, 2);
    }
  }
});
