// node --import tsx fakes.ts: orders and receipts for tests, which follow the rules of orders.proto.
import { equals, fromBinary, toBinary, toJsonString } from "@bufbuild/protobuf";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { arbitrary } from "@connectum/testing/arbitrary";
import { FakeError, fake, fakeService, fakeStream } from "@connectum/testing/protofake";
import fc from "fast-check";
import { OrderSchema, Orders } from "./gen/orders_pb.ts";

// Without faker, so that every version of it prints the same.
const options = { seed: 3, faker: false } as const;

const order = fake(OrderSchema, options);
console.log(toJsonString(OrderSchema, order));

const gift = fake(OrderSchema, { ...options, overrides: { gift: true } });
console.log(toJsonString(OrderSchema, gift));

const pair = fake(OrderSchema, { ...options, overrides: { lines: [{ quantity: 2 }, { quantity: 3 }] } });
for (const { product, quantity } of pair.lines) console.log(`${quantity} of ${product}`);

const transport = createRouterTransport((router) => router.service(Orders, fakeService(Orders, options)));
const client = createClient(Orders, transport);
console.log((await client.place(order)).text);
for await (const { text } of client.placeMany(fakeStream(OrderSchema, 2, options))) console.log(text);

fc.assert(
  fc.property(arbitrary(OrderSchema), (any) => {
    return equals(OrderSchema, any, fromBinary(OrderSchema, toBinary(OrderSchema, any)));
  }),
);

const expensive = fc.property(arbitrary(OrderSchema), ({ lines }) => lines.every(({ quantity }) => quantity < 50));
const { counterexample } = fc.check(expensive, { seed: 1 });
for (const { product, quantity } of counterexample?.[0].lines ?? []) console.log(`${quantity} of ${product}`);

try {
  fake(OrderSchema, { overrides: { lines: [{ quantity: 2 }, { amount: 3 }] as object[] } });
} catch (error) {
  console.log(error instanceof FakeError, String(error));
}
