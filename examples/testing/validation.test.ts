import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, createClient } from "@connectrpc/connect";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { assertConnectError, withTestServer } from "@connectum/testing";
import { Orders } from "../validation/gen/orders_pb.ts";
import routes from "../validation/orders.ts";

const options = { services: [routes], interceptors: createDefaultInterceptors() };

test("an order needs an address, and lines", () =>
  withTestServer(options, async ({ transport }) => {
    const client = createClient(Orders, transport);
    const lines = [{ product: "apple-1", quantity: 3 }];
    assert.equal((await client.place({ email: "ada@example.com", lines })).text, "3 for ada@example.com");
    const error = await client.place({ email: "ada", lines }).catch((thrown) => thrown);
    assertConnectError(error, Code.InvalidArgument, "email: must be a valid email address");
  }));
