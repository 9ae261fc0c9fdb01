// A service of fakes answers methods of all four kinds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { createLocalTransport, createServer } from "@connectum/core";
import { type FakeServiceOptions, fakeService, fakeStream } from "@connectum/testing/protofake";
import { MessageSchema, UserSchema, UserService } from "./protofake/gen/connectum/protofake/v1/users_pb.js";

const now = new Date("2026-03-04T05:06:07Z");

function clientOf(options: FakeServiceOptions<typeof UserService>) {
  return createClient(
    UserService,
    createRouterTransport((router) => router.service(UserService, fakeService(UserService, options))),
  );
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test("unary methods answer with another fake each time, and with the same ones for the same seed", async () => {
  const calls = async () => {
    const client = clientOf({ seed: 1, now });
    return [toJson(UserSchema, await client.getUser({})), toJson(UserSchema, await client.getUser({}))];
  };
  const answers = await calls();
  assert.notDeepEqual(answers[0], answers[1]);
  assert.deepEqual(await calls(), answers);
});

test("streams answer with so many fakes, with one to a stream of requests, and with one for each request", async () => {
  const client = clientOf({ seed: 1, messages: 5 });
  assert.equal((await collect(client.listUsers({}))).length, 5);
  assert.equal((await collect(clientOf({ seed: 1 }).listUsers({}))).length, 3);
  assert.equal(typeof (await client.importUsers(fakeStream(UserSchema, 4))).count, "number");
  const replies = await collect(client.chat(fakeStream(MessageSchema, 7)));
  assert.equal(replies.length, 7);
  assert.equal(new Set(replies.map(({ text }) => text)).size, 7);
});

test("fields of responses can be given by method", async () => {
  const client = clientOf({ overrides: { getUser: { firstName: "Ada" }, importUsers: { count: 9 } } });
  assert.equal((await client.getUser({})).firstName, "Ada");
  assert.equal((await client.importUsers(fakeStream(UserSchema, 1))).count, 9);
});

test("a server of ours serves it", async () => {
  const server = createServer({
    services: [(router) => router.service(UserService, fakeService(UserService, { seed: 1 }))],
  });
  const client = createClient(UserService, createLocalTransport(server));
  assert.match((await client.getUser({})).email, /@example\./);
  assert.equal((await collect(client.listUsers({}))).length, 3);
});

const wrong: [options: unknown, message: RegExp][] = [
  [
    { overrides: { getUsr: {} } },
    /^connectum\.protofake\.v1\.UserService has no method "getUsr": it has getUser, listUsers, importUsers, chat$/,
  ],
  [
    { overrides: { getUser: { emial: "" } } },
    /^connectum\.protofake\.v1\.User has no field "emial" at overrides\.getUser: did you mean "email"/,
  ],
];

for (const [options, message] of wrong) {
  test(`wrong options are a TypeError before any call: ${JSON.stringify(options)}`, () => {
    assert.throws(() => fakeService(UserService, options as never), { name: "TypeError", message });
  });
}

test("a service that is none is a TypeError that says what is expected", () => {
  const message =
    'the service must be a descriptor, such as UserService of user_pb.js, not a descriptor of kind "message"';
  assert.throws(() => fakeService(UserSchema as never), { name: "TypeError", message });
  assert.throws(() => fakeService(create(UserSchema) as never), { name: "TypeError", message: /not object$/ });
});
