import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import { assertConnectError, createTestServer } from "@connectum/testing";
import { Greeter } from "../guide/gen/greeter_pb.ts";
import { greeter, tenants } from "./greeter.ts";

for (const protocol of ["grpc", "grpc-web", "connect"] as const) {
  test(`greets tenants, and no others, over ${protocol}`, async () => {
    await using server = await createTestServer({ services: [greeter], interceptors: [tenants], protocol });
    const client = createClient(Greeter, server.transport);
    const { greeting } = await client.greet({ name: "Ada" }, { headers: { "x-tenant": "acme" } });
    assert.equal(greeting, "Hello, Ada!");
    const error = await client.greet({ name: "Ada" }).catch((thrown) => thrown);
    assertConnectError(error, Code.Unauthenticated);
  });
}
