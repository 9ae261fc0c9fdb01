// The production example that was promised, behind a prelude that has what it takes for granted: routes, a cache and a
// database. A certificate and its key come from the files that TLS_CERT and TLS_KEY name.
import process from "node:process";
import type { ConnectRouter } from "@connectrpc/connect";
import { createServer } from "@connectum/core";
import { Healthcheck, healthcheckManager, ServingStatus } from "@connectum/healthcheck";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { createOtelInterceptor } from "@connectum/otel";
import { Reflection } from "@connectum/reflection";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const cache = { flush: async () => console.log("cache flushed") };
const db = { close: async () => console.log("database closed") };
const routes = (router: ConnectRouter) => router.service(EchoService, { echo: ({ text }) => ({ text }) });

// From here on as it was written.
const server = createServer({
  services: [routes],
  port: Number(process.env["PORT"]) || 5000,
  tls: {
    cert: process.env["TLS_CERT"],
    key: process.env["TLS_KEY"],
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
