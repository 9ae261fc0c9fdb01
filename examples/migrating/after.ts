// node --import tsx after.ts [port]: the greeter on Connectum.
import { createServer } from "@connectum/core";
import routes from "./routes.ts";

const server = createServer({
  services: [routes],
  port: Number(process.argv[2] ?? 5000),
  shutdown: { autoShutdown: true },
});
await server.start();
