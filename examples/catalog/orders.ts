// Orders: it calls the two other services by name, wherever they are.
import { Code, ConnectError } from "@connectrpc/connect";
import { defineService } from "@connectum/core";
import { Orders } from "./gen/shop_pb.ts";

export const orders = defineService(Orders, {
  async place({ articles }, ctx) {
    if (articles.length === 0) throw new ConnectError("an order needs an article", Code.InvalidArgument);
    for (const article of articles) await ctx.call("shop.v1.Stock/Reserve", { article });

    const quotes = ctx.stream("shop.v1.Prices/QuoteEach")();
    const asking = (async () => {
      for (const article of articles) await quotes.send({ article });
      quotes.close();
    })();
    // If the call fails, the loop throws the same error.
    asking.catch(() => {});
    let total = 0;
    for await (const { cents } of quotes.responses) total += cents;
    return { total };
  },
});
