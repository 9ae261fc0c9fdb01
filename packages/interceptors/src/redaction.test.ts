// Messages for the log: fields marked debug_redact are hidden.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import {
  anyPack,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  CredentialsSchema,
  SessionSchema,
} from "../../../__test__/validation/gen/connectum/validation/v1/secrets_pb.js";
import { EchoRequestSchema } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { redacted, withoutRedacted } from "./redaction.ts";

const session = (host: string) => create(SessionSchema, { token: "s3cret", host });

const credentials = () =>
  create(CredentialsSchema, {
    user: "ada",
    password: "s3cret",
    key: new Uint8Array([1, 2]),
    sessions: [session("a")],
    byName: { b: session("b") },
    last: session("c"),
    more: anyPack(SessionSchema, session("d")),
    number: 5n,
  });

test("a message without such fields is returned itself", () => {
  const message = create(EchoRequestSchema, { text: "a" });
  assert.equal(redacted(EchoRequestSchema, message), message);
});

// contract: SC-17
test("marked fields are hidden at any depth, and so is the content of an Any", () => {
  const message = credentials();
  const hidden = (host: string) => create(SessionSchema, { token: "[REDACTED]", host });
  assert.deepEqual(
    redacted(CredentialsSchema, message),
    create(CredentialsSchema, {
      user: "ada",
      password: "[REDACTED]",
      sessions: [hidden("a")],
      byName: { b: hidden("b") },
      last: hidden("c"),
      more: { typeUrl: "type.googleapis.com/connectum.validation.v1.Session" },
      number: 5n,
    }),
  );
  assert.deepEqual(message, credentials());
});

test("absent fields stay absent", () => {
  const message = create(CredentialsSchema, { user: "ada" });
  assert.deepEqual(redacted(CredentialsSchema, message), message);
});

test("for a comparison they are cleared at any depth, strings too", () => {
  const shown = {
    user: "ada",
    sessions: [{ host: "a" }],
    byName: { b: { host: "b" } },
    last: { host: "c" },
    number: 5n,
  };
  const more = { typeUrl: "type.googleapis.com/connectum.validation.v1.Session" };
  const message = credentials();
  assert.deepEqual(withoutRedacted(CredentialsSchema, message), create(CredentialsSchema, { ...shown, more }));
  assert.deepEqual(message, credentials());
});

test("a required field of proto2 stays, without its value, as no message can be written without it", () => {
  const desc = compiled();
  const message = create(desc, { number: 7, kind: 1, text: "s3cret", bytes: new Uint8Array([1]), inner: {} });
  const hidden = redacted(desc, message);
  const json = (hiding: typeof hidden) => toJson(desc, fromBinary(desc, toBinary(desc, hiding)));
  const empty = { number: 0, kind: "NONE", text: "", bytes: "", inner: {} };
  assert.deepEqual(json(hidden), { ...empty, text: "[REDACTED]" });
  assert.deepEqual(json(withoutRedacted(desc, message)), empty);
});

/** A message of proto2 with secrets of each kind. */
function compiled(): DescMessage {
  const { INT32, ENUM, STRING, BYTES, MESSAGE } = FieldDescriptorProto_Type;
  const fields: [name: string, type: FieldDescriptorProto_Type, typeName?: string][] = [
    ["number", INT32],
    ["kind", ENUM, ".a.Kind"],
    ["text", STRING],
    ["bytes", BYTES],
    ["inner", MESSAGE, ".a.Empty"],
  ];
  const field = fields.map(([name, type, typeName], index) => ({
    ...{ name, jsonName: name, type, number: index + 1, label: FieldDescriptorProto_Label.REQUIRED },
    ...(typeName !== undefined && { typeName }),
    options: { debugRedact: true },
  }));
  const file = create(FileDescriptorProtoSchema, {
    ...{ name: "a.proto", package: "a", syntax: "proto2" },
    messageType: [{ name: "Empty" }, { name: "Secrets", field }],
    enumType: [{ name: "Kind", value: ["NONE", "SOME"].map((name, number) => ({ name, number })) }],
  });
  const desc = createFileRegistry(file, () => undefined).getMessage("a.Secrets");
  assert.ok(desc);
  return desc;
}
