import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { assertConnectError, createMockContext } from "@connectum/testing";
import { Greeter, GreetRequestSchema } from "../guide/gen/greeter_pb.ts";
import { handlers } from "./greeter.ts";

test("greets, as the caller wishes", async () => {
  const context = createMockContext({
    method: Greeter.method.greet,
    requestHeader: { "x-salutation": "Welcome" },
  });
  const request = create(GreetRequestSchema, { name: "Ada" });
  assert.deepEqual(await handlers.greet(request, context), { greeting: "Welcome, Ada!" });
  assert.equal(context.responseHeader.get("x-language"), "en");
});

test("needs a name", async () => {
  const context = createMockContext({ method: Greeter.method.greet });
  const error = await (async () => handlers.greet(create(GreetRequestSchema), context))().catch((thrown) => thrown);
  assertConnectError(error, Code.InvalidArgument, "name is missing");
});
