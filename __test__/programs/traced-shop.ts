// A service of the shop with telemetry, in a process of its own: Orders or Stock. Arguments: its name, the URL of the
// service that it calls, and `trust` if its callers are trusted. Orders calls Stock, and Stock calls Prices.
import process from "node:process";
import { createServer, defineService, dnsResolver } from "@connectum/core";
import { createOtelClientInterceptor, createOtelInterceptor, otelShutdown } from "@connectum/otel";
import { serviceCatalog as catalog } from "../../examples/catalog/gen/catalog.gen.ts";
import { Orders, Stock } from "../../examples/catalog/gen/shop_pb.ts";

const [name = "", next = "", trust] = process.argv.slice(2);

const services = {
  orders: defineService(Orders, {
    async place({ articles: [article = ""] }, ctx) {
      const { left } = await ctx.call("shop.v1.Stock/Reserve", { article });
      return { total: left };
    },
  }),
  stock: defineService(Stock, {
    async reserve({ article }, ctx) {
      const { cents } = await ctx.call("shop.v1.Prices/Quote", { article });
      return { left: cents };
    },
  }),
};

const server = createServer({
  services: [name === "orders" ? services.orders : services.stock],
  host: "127.0.0.1",
  port: 0,
  catalog,
  remoteResolver: dnsResolver({ template: next }),
  interceptors: [createOtelInterceptor({ serviceName: name, trustRemote: trust === "trust" })],
  outgoingInterceptors: [createOtelClientInterceptor()],
  shutdown: { autoShutdown: true },
});
otelShutdown(server);
await server.start();
console.log(`port ${server.address?.port}`);
