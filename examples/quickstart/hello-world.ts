import { createServer } from "@connectum/core";
import routes from "#gen/routes.js";

const server = createServer({
  services: [routes],
  port: 5000,
});

await server.start();
console.log(`Server running at ${server.address?.port}`);
