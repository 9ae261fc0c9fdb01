// SERVICES=shop.v1.Orders,shop.v1.Stock PRICES_URL=http://127.0.0.1:5001 node --import tsx server.ts
import { createServer, defaultPropagateHeaders, parseServicesEnv, perServiceEnvResolver } from "@connectum/core";
import { serviceCatalog } from "./gen/catalog.gen.ts";
import { orders } from "./orders.ts";
import { prices } from "./prices.ts";
import { stock } from "./stock.ts";

// Every process has the same program. The variable says which services run in it; without it, all of them.
const services = parseServicesEnv(process.env["SERVICES"]);

const server = createServer({
  services: [orders, stock, prices],
  enabledServices: services.length === 0 ? undefined : services,
  catalog: serviceCatalog,
  // Services that do not run here are called at these addresses, over gRPC.
  remoteResolver: perServiceEnvResolver({
    "shop.v1.Orders": "ORDERS_URL",
    "shop.v1.Prices": "PRICES_URL",
    "shop.v1.Stock": "STOCK_URL",
  }),
  propagateHeaders: defaultPropagateHeaders,
  shutdown: { autoShutdown: true },
});

await server.start();
