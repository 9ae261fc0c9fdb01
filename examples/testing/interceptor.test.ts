import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import { assertConnectError, createMockNext, createMockRequest } from "@connectum/testing";
import { tenants } from "./greeter.ts";

test("a call without a tenant does not reach the handler", async () => {
  const next = createMockNext();
  const call = async () => tenants(next)(createMockRequest());
  assertConnectError(await call().catch((thrown) => thrown), Code.Unauthenticated);
  assert.equal(next.mock.callCount(), 0);
});

test("one with a tenant does", async () => {
  const next = createMockNext({ message: { greeting: "Hello!" } });
  const request = createMockRequest({ headers: new Headers({ "x-tenant": "acme" }) });
  const response = await tenants(next)(request);
  assert.deepEqual(response.message, { greeting: "Hello!" });
  assert.equal(next.mock.calls[0]?.arguments[0], request);
});
