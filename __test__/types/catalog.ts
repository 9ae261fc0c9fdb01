// Compiled, never run: catalogs that are merged.
import type { DescService } from "@bufbuild/protobuf";
import { mergeCatalogs, type ServiceCatalog } from "@connectum/core";

declare const service: DescService;
declare const unknownNames: ServiceCatalog;
declare const several: ServiceCatalog[];
const orders = Object.freeze({ "shop.v1.Orders": service } as const);
const prices = Object.freeze({ "shop.v1.Prices": service } as const);
const both = Object.freeze({ "shop.v1.Prices": service, "shop.v1.Orders": service } as const);

export const merged: ServiceCatalog = mergeCatalogs(orders, prices, unknownNames);
mergeCatalogs();
mergeCatalogs(unknownNames, unknownNames);
mergeCatalogs(...several);
mergeCatalogs(orders, ...several);
mergeCatalogs({ "shop.v1.Stock": service }, { [service.typeName]: service });
// @ts-expect-error both have shop.v1.Orders
mergeCatalogs(orders, prices, both);
// @ts-expect-error twice the same
mergeCatalogs(orders, orders);
