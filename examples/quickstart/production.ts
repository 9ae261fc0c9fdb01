import { createServer } from "@connectum/core";
import { Healthcheck, healthcheckManager, ServingStatus } from "@connectum/healthcheck";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { createOtelInterceptor } from "@connectum/otel";
import { Reflection } from "@connectum/reflection";
import routes from "#gen/routes.js";
import { cache, db } from "./stores.ts";

const server = createServer({
  services: [routes],
  port: Number(process.env.PORT) || 5000,
  tls: {
    cert: process.env.TLS_CERT,
    key: process.env.TLS_KEY,
  },
  protocols: [Healthcheck({ httpEnabled: true }), Reflection()],
  interceptors: [...createDefaultInterceptors(), createOtelInterceptor({ serviceName: "my-service" })],
  shutdown: {
    autoShutdown: true,
    timeout: 30_000,
    forceCloseOnTimeout: true,
  },
});

// Shutdown hooks with dependency ordering
server.onShutdown("cache", async () => {
  await cache.flush();
});

server.onShutdown("database", ["cache"], async () => {
  await db.close();
});

server.on("ready", () => {
  healthcheckManager.update(ServingStatus.SERVING);
  console.log(`Server ready at ${server.address?.port}`);
});

server.on("stopping", () => {
  console.log("Server shutting down...");
});

await server.start();
