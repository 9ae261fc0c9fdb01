// Messages for the log: fields marked debug_redact are hidden.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
  CredentialsSchema,
  SessionSchema,
} from "../../../__test__/validation/gen/connectum/validation/v1/secrets_pb.js";
import { EchoRequestSchema } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { redacted } from "./redaction.ts";

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
