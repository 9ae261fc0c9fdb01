// Stock: in the process of the orders.
import { Code, ConnectError } from "@connectrpc/connect";
import { defineService } from "@connectum/core";
import { Stock } from "./gen/shop_pb.ts";

const pieces = new Map([
  ["tea", 3],
  ["cup", 2],
]);

export const stock = defineService(Stock, {
  reserve({ article }) {
    const left = (pieces.get(article) ?? 0) - 1;
    if (left < 0) throw new ConnectError(`there is no ${article} left`, Code.FailedPrecondition);
    pieces.set(article, left);
    return { left };
  },
});
