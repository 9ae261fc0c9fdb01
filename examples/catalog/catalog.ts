// The services of the shop, and the types of the calls between them.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { defineCatalog } from "@connectum/core";
import type { QuoteRequestSchema, QuoteResponse, ReserveRequestSchema, ReserveResponse } from "./gen/shop_pb.ts";
import { Orders, Prices, Stock } from "./gen/shop_pb.ts";

export const catalog = defineCatalog({
  [Orders.typeName]: Orders,
  [Prices.typeName]: Prices,
  [Stock.typeName]: Stock,
});

declare module "@connectum/core" {
  interface ConnectumCallMap {
    "shop.v1.Prices/Quote": { request: MessageInitShape<typeof QuoteRequestSchema>; response: QuoteResponse };
    "shop.v1.Stock/Reserve": { request: MessageInitShape<typeof ReserveRequestSchema>; response: ReserveResponse };
  }
  interface ConnectumStreamMap {
    "shop.v1.Prices/QuoteEach": {
      kind: "bidi";
      request: MessageInitShape<typeof QuoteRequestSchema>;
      response: QuoteResponse;
    };
  }
}
