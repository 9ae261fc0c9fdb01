import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { InMemorySpanCollector, withTestServer } from "@connectum/testing";
import { Greeter } from "../guide/gen/greeter_pb.ts";
import { greeter, traced } from "./greeter.ts";

test("each call leaves a span", async () => {
  const spans = new InMemorySpanCollector();
  const interceptors = [traced(spans.provider.getTracer("greeter"))];
  await withTestServer({ services: [greeter], interceptors }, async ({ transport }) => {
    await createClient(Greeter, transport).greet({ name: "Ada" });
  });
  assert.deepEqual(
    spans.flush().map(({ name }) => name),
    ["greeter Greet"],
  );
  await spans.dispose();
});
