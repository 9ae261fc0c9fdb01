// @connectum/core, ours.
import { createServer } from "@connectum/core";
import routes from "../routes.ts";
import { interceptorsOfVariant, variant } from "../variant.ts";

const server = createServer({
  services: [routes],
  host: "127.0.0.1",
  port: 0,
  interceptors: await interceptorsOfVariant(),
  protocols: variant === "health" ? [(await import("../health.ts")).default()] : [],
  ...(variant === "tls" && {
    tls: { certPath: "__test__/certificates/server.crt", keyPath: "__test__/certificates/server.key" },
  }),
  // Otherwise the failing case would measure the terminal.
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
await server.start();
console.log(`${variant === "tls" ? "https" : "http"}://127.0.0.1:${server.address?.port}`);
