// @connectum/core, ours.
import { createServer } from "@connectum/core";
import routes from "../routes.ts";
import { identity, interceptorsOfVariant, variant } from "../variant.ts";

const server = createServer({
  services: [routes],
  host: "127.0.0.1",
  port: 0,
  interceptors: await interceptorsOfVariant(),
  protocols: variant === "health" ? [(await import("../health.ts")).default()] : [],
  tls: identity,
  // Otherwise the failing case would measure the terminal.
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
await server.start();
console.log(`${identity === undefined ? "http" : "https"}://127.0.0.1:${server.address?.port}`);
