// The services of the shop, and the types of the calls between them.
import { defineCatalog } from "@connectum/core";
import type { QuoteRequest, QuoteResponse, ReserveRequest, ReserveResponse } from "./gen/shop_pb.ts";
import { Orders, Prices, Stock } from "./gen/shop_pb.ts";

export const catalog = defineCatalog({
  [Orders.typeName]: Orders,
  [Prices.typeName]: Prices,
  [Stock.typeName]: Stock,
});

declare module "@connectum/core" {
  interface ConnectumCallMap {
    "shop.v1.Prices/Quote": { request: Partial<QuoteRequest>; response: QuoteResponse };
    "shop.v1.Stock/Reserve": { request: Partial<ReserveRequest>; response: ReserveResponse };
  }
  interface ConnectumStreamMap {
    "shop.v1.Prices/QuoteEach": { kind: "bidi"; request: Partial<QuoteRequest>; response: QuoteResponse };
  }
}
