// Prices: in a process of its own.
import { Code, ConnectError } from "@connectrpc/connect";
import { defineService } from "@connectum/core";
import { Prices } from "./gen/shop_pb.ts";

const cents = new Map([
  ["tea", 450],
  ["cup", 1200],
]);

function quote(article: string) {
  const price = cents.get(article);
  if (price === undefined) throw new ConnectError(`${article} has no price`, Code.NotFound);
  return { article, cents: price };
}

export const prices = defineService(Prices, {
  quote: ({ article }) => quote(article),

  async *quoteEach(requests) {
    for await (const { article } of requests) yield quote(article);
  },
});
