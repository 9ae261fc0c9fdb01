// The handlers. They are only called with orders that follow the rules of proto/orders.proto.
import type { ConnectRouter } from "@connectrpc/connect";
import { type Order, Orders } from "./gen/orders_pb.ts";

export default function routes(router: ConnectRouter): void {
  router.service(Orders, {
    place: receiptOf,

    async *placeMany(orders) {
      for await (const order of orders) yield receiptOf(order);
    },
  });
}

function receiptOf({ email, lines }: Order) {
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { text: `${pieces} for ${email}` };
}
