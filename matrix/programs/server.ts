// A server with everything: health, reflection, interceptors, validation. Arguments: none, or the files of a
// certificate and its key. SIGTERM stops it.
import { readFileSync } from "node:fs";
import { createServer } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { Reflection } from "@connectum/reflection";
import orders from "../../examples/validation/orders.ts";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { echo } from "./echo.ts";
import { remember } from "./request-name.ts";

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const server = createServer({
  services: [(router) => router.service(EchoService, echo), orders],
  host: "127.0.0.1",
  port: 0,
  interceptors: [...createDefaultInterceptors({ timeout: { duration: 1_000 } }), remember],
  protocols: [Healthcheck({ httpEnabled: true, autoServing: true }), Reflection()],
  shutdown: { autoShutdown: true },
  ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
});
await server.start();
console.log(`port ${server.address?.port}`);
