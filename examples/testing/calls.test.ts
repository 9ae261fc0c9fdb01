import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { createServer } from "@connectum/core";
import {
  assertConnectError,
  createLocalClient,
  createMockContext,
  mockResolver,
  mockService,
} from "@connectum/testing";
import { serviceCatalog as catalog } from "../catalog/gen/catalog.gen.ts";
import { Orders, Prices, Stock } from "../catalog/gen/shop_pb.ts";
import { orders } from "../catalog/orders.ts";

const prices = mockService(Prices, {
  async *quoteEach(requests) {
    for await (const { article } of requests) yield { article, cents: 700 };
  },
});

/** A client of the orders, whose other services are mocks. */
function ordersWith(stock: Parameters<typeof mockService<typeof Stock>>[1]) {
  const remoteResolver = mockResolver([prices, mockService(Stock, stock)]);
  return createLocalClient(createServer({ services: [orders], catalog, remoteResolver }), Orders);
}

test("an order reserves each article, and adds up the prices", async () => {
  const reserved: string[] = [];
  const client = ordersWith({
    reserve({ article }) {
      reserved.push(article);
      return { left: 1 };
    },
  });
  const { total } = await client.place({ articles: ["tea", "cup"] });
  assert.deepEqual([total, reserved], [1400, ["tea", "cup"]]);
});

test("an order fails if there is no article left", async () => {
  const client = ordersWith({
    reserve: () => Promise.reject(new ConnectError("there is no tea left", Code.FailedPrecondition)),
  });
  const error = await client.place({ articles: ["tea"] }).catch((thrown) => thrown);
  assertConnectError(error, Code.FailedPrecondition, "there is no tea left");
});

test("the calls of one handler: with a context", async () => {
  const stock = mockService(Stock, { reserve: () => ({ left: 3 }) });
  const context = createMockContext({ catalog, mocks: [stock], method: Orders.method.place });
  assert.equal((await context.call("shop.v1.Stock/Reserve", { article: "tea" })).left, 3);
});
