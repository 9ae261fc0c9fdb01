// What recordings of @connectum/testing do not have: fields marked `debug_redact`.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { create, createRegistry, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import { createLocalTransport, createServer, type Logger } from "@connectum/core";
import { assertConnectError, type RecordServerOptions, recordServer, replay } from "@connectum/testing";
import { CredentialsSchema, LoginService, SessionSchema } from "./validation/gen/connectum/validation/v1/secrets_pb.js";

/** A server that is recorded, its client, and the text of the file so far. */
function record(
  t: TestContext,
  impl: Partial<ServiceImpl<typeof LoginService>>,
  options: RecordServerOptions = {},
  interceptors: Interceptor[] = [],
  logger?: Logger,
) {
  const folder = mkdtempSync(join(tmpdir(), "recordings-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "calls.jsonl");
  const server = createServer({ services: [(router) => router.service(LoginService, impl)], interceptors, logger });
  recordServer(server, file, options);
  const client = createClient(LoginService, createLocalTransport(server));
  return { file, client, text: () => readFileSync(file, "utf8") };
}

const credentials = (password: string, host = "a") =>
  create(CredentialsSchema, {
    user: "ada",
    password,
    key: new Uint8Array([1, 2]),
    sessions: [{ token: password, host }],
    byName: { b: { token: password, host: "b" } },
    last: { token: password, host: "c" },
    number: 5n,
  });

// contract: REC-redact
test("what is redacted is not recorded, and not compared", async (t) => {
  const { file, client, text } = record(t, {
    login: ({ user }) => ({ token: "s3cret", host: user }),
    async *follow(requests) {
      for await (const { user } of requests) yield { token: "s3cret", host: user };
    },
  });
  await client.login(credentials("s3cret"));
  const send = async function* () {
    yield credentials("s3cret");
  };
  for await (const { token } of client.follow(send())) assert.equal(token, "s3cret");
  assert.doesNotMatch(text(), /s3cret|AQI=/);
  const line = JSON.parse(text().split("\n")[0] ?? "");
  assert.deepEqual(line.requests, [
    {
      user: "ada",
      password: "[REDACTED]",
      sessions: [{ token: "[REDACTED]", host: "a" }],
      byName: { b: { token: "[REDACTED]", host: "b" } },
      last: { token: "[REDACTED]", host: "c" },
      number: "5",
    },
  ]);
  const replayed = createClient(LoginService, replay(file));
  const other = await replayed.login(credentials("another"));
  assert.deepEqual([other.token, other.host], ["[REDACTED]", "ada"]);
  const error = await replayed.login(credentials("s3cret", "elsewhere")).catch((thrown: unknown) => thrown);
  assertConnectError(error, Code.InvalidArgument, "elsewhere");
});

// contract: REC-redact
test("whether a redacted field is set is not compared, nor is it in a message with an Any of an unknown type", async (t) => {
  const { file, client } = record(t, {
    login: ({ user }) => ({ host: user }),
    async *follow(requests) {
      for await (const { user } of requests) yield { host: user };
    },
  });
  const whole = credentials("s3cret");
  const { user, number } = whole;
  const bare = { user, number, sessions: [{ host: "a" }], byName: { b: { host: "b" } }, last: { host: "c" } };
  const more = { typeUrl: "type.googleapis.com/a.Unknown", value: new Uint8Array([1]) };
  const pairs = [
    [whole, bare],
    [bare, whole],
    [
      { ...bare, more, password: "s3cret" },
      { ...bare, more },
    ],
  ] as const;
  const follow = async (from: typeof client, ...requests: MessageInitShape<typeof CredentialsSchema>[]) => {
    const send = async function* () {
      yield* requests;
    };
    const hosts: string[] = [];
    for await (const { host } of from.follow(send())) hosts.push(host);
    return hosts;
  };
  for (const [index, [first]] of pairs.entries()) {
    await client.login({ ...first, number: BigInt(index) });
    await follow(client, { ...first, number: BigInt(index) });
  }
  const replayed = createClient(LoginService, replay(file));
  for (const [index, [, second]] of pairs.entries()) {
    assert.equal((await replayed.login({ ...second, number: BigInt(index) })).host, "ada");
    assert.deepEqual(await follow(replayed, { ...second, number: BigInt(index) }), ["ada"]);
  }
  const error = await replayed.login({ user: "eve", password: "s3cret" }).catch((thrown: unknown) => thrown);
  assertConnectError(error, Code.InvalidArgument, "+ given - recorded");
  assert.doesNotMatch(error.message, /password|REDACTED/);
});

// contract: REC-redact
test("the content of an Any is not recorded, of known types and of others", async (t) => {
  for (const registry of [undefined, createRegistry(SessionSchema)]) {
    const { file, client, text } = record(t, { login: () => ({ host: "a" }) }, { registry });
    const more = anyPack(SessionSchema, create(SessionSchema, { token: "s3cret", host: "inside" }));
    await client.login({ user: "ada", more });
    assert.doesNotMatch(text(), /s3cret|inside/);
    assert.doesNotMatch(text(), new RegExp(Buffer.from(more.value).toString("base64").slice(0, 12)));
    assert.equal((await createClient(LoginService, replay(file, { registry })).login({ user: "ada", more })).host, "a");
  }
});

// contract: REC-redact
test("of error details that a handler passes on, those of known types are recorded, without what is redacted", async (t) => {
  const session = { token: "s3cret", host: "inside" };
  const passedOn = new ConnectError("no", Code.NotFound);
  passedOn.details = [
    { type: SessionSchema.typeName, value: toBinary(SessionSchema, create(SessionSchema, session)) },
    { type: "a.Other", value: new Uint8Array([1]) },
  ];
  const own = new ConnectError("no", Code.NotFound, undefined, [{ desc: SessionSchema, value: session }]);
  const details = async (error: ConnectError, options: RecordServerOptions) => {
    const { file, client } = record(t, { login: () => Promise.reject(error) }, options);
    await assert.rejects(client.login({}));
    const thrown = await createClient(LoginService, replay(file))
      .login({})
      .catch((failed: unknown) => failed);
    assertConnectError(thrown, Code.NotFound, "no");
    const types = thrown.details.map((detail) => ("type" in detail ? [detail.type, detail.value.length] : []));
    return { types: types.filter(([, length]) => length === 0), sessions: thrown.findDetails(SessionSchema) };
  };
  const whole = create(SessionSchema, { token: "[REDACTED]", host: "inside" });
  const empty = create(SessionSchema);
  const absent = ["a.Other", 0];
  assert.deepEqual(await details(own, {}), { types: [], sessions: [whole] });
  assert.deepEqual(await details(passedOn, {}), { types: [[SessionSchema.typeName, 0], absent], sessions: [empty] });
  const registry = createRegistry(SessionSchema);
  assert.deepEqual(await details(passedOn, { registry }), { types: [absent], sessions: [whole] });
});

// contract: REC-fails-no-call
test("what cannot be recorded fails no call: it is logged once, and replayed as data_loss", async (t) => {
  const logged: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (...given: unknown[]) => void logged.push(given.join()) };
  // A detail of a known type that is none.
  const broken = new ConnectError("no", Code.NotFound);
  broken.details = [{ type: SessionSchema.typeName, value: new Uint8Array([255]) }];
  let count = 0;
  const impl = {
    login({ user }: { user: string }) {
      if (user === "broken") throw broken;
      count += 1;
      return { host: "a" };
    },
  };
  const unreadable: Interceptor = (next) => async (request) => {
    const response = await next(request);
    if (!response.stream && count === 2) Object.defineProperty(response.message, "host", { get: hostOnce() });
    return response;
  };
  const { file, client, text } = record(t, impl, { registry: createRegistry(SessionSchema) }, [unreadable], logger);
  for (const user of ["a", "b"]) assert.equal((await client.login({ user })).host, "a");
  const thrown = await client.login({ user: "broken" }).catch((error: unknown) => error);
  assertConnectError(thrown, Code.NotFound, "no");
  assert.deepEqual(
    text()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).responses[0]?.message),
    [{ host: "a" }, { $unrecorded: "not now" }, undefined],
  );
  assert.equal(logged.length, 1, `${logged}`);
  assert.match(
    `${logged}`,
    /recordServer: a connectum.validation.v1.Session of .*LoginService\/Login could not be recorded/,
  );
  const replayed = createClient(LoginService, replay(file));
  assert.equal((await replayed.login({ user: "a" })).host, "a");
  const lost = await replayed.login({ user: "b" }).catch((error: unknown) => error);
  assertConnectError(lost, Code.DataLoss, "is no connectum.validation.v1.Session: it could not be recorded: not now");
  assertConnectError(await replayed.login({ user: "broken" }).catch((error: unknown) => error), Code.NotFound, "no");
});

/** Throws when it is read first, which the recorder does. */
function hostOnce(): () => string {
  let isFirst = true;
  return () => {
    if (!isFirst) return "a";
    isFirst = false;
    throw new Error("not now");
  };
}
