// PORT=5000 node --import tsx server.ts
import { createServer } from "@connectum/core";
import { createDefaultInterceptors } from "@connectum/interceptors";
import routes from "./orders.ts";

const server = createServer({
  services: [routes],
  // Error handler and validation.
  interceptors: createDefaultInterceptors(),
  shutdown: { autoShutdown: true },
});

await server.start();
