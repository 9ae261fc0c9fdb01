import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createServer } from "@connectum/core";
import { createLocalClient, createMockContext, createMockStream } from "@connectum/testing";
import { Greeter, GreetRequestSchema } from "../guide/gen/greeter_pb.ts";
import { greeter, handlers } from "./greeter.ts";

test("a stream of requests: as a function", async () => {
  const context = createMockContext({ method: Greeter.method.greetTogether });
  const names = ["Ada", "Grace"].map((name) => create(GreetRequestSchema, { name }));
  const { greeting } = await handlers.greetTogether(createMockStream(names), context);
  assert.equal(greeting, "Hello, Ada and Grace!");
});

test("streams both ways: by a client in process", async () => {
  const client = createLocalClient(createServer({ services: [greeter] }), Greeter);
  const greetings: string[] = [];
  for await (const { greeting } of client.greetEach(createMockStream([{ name: "Ada" }, { name: "Grace" }]))) {
    greetings.push(greeting);
  }
  assert.deepEqual(greetings, ["Hello, Ada!", "Hello, Grace!"]);
});
