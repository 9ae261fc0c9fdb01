import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { assertConnectError, createMockContext } from "@connectum/testing";
import { Greeter, GreetRequestSchema } from "../guide/gen/greeter_pb.ts";
import { handlers } from "./greeter.ts";

test("greets each hour, and stops at the deadline", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const context = createMockContext({ method: Greeter.method.greetAllDay, timeoutMs: 2 * 3_600_000 - 1 });
  const greetings = handlers.greetAllDay(create(GreetRequestSchema, { name: "Ada" }), context)[Symbol.asyncIterator]();
  const next = async () => (await greetings.next()).value?.greeting;
  assert.equal(await next(), "It is 8 o'clock, Ada!");

  const second = next();
  t.mock.timers.tick(3_600_000);
  assert.equal(await second, "It is 9 o'clock, Ada!");
  assert.equal(context.timeoutMs(), 3_600_000 - 1);

  const third = next().catch((thrown) => thrown);
  t.mock.timers.tick(3_600_000);
  assertConnectError(await third, Code.DeadlineExceeded);
});

test("stops when its caller has heard enough", async () => {
  const context = createMockContext({ method: Greeter.method.greetAllDay });
  const greetings = handlers.greetAllDay(create(GreetRequestSchema), context)[Symbol.asyncIterator]();
  await greetings.next();
  const later = greetings.next();
  context.abort();
  await assert.rejects(later as Promise<unknown>, { code: Code.Canceled });
});
