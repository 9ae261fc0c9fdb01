// Connectum: one server for everything.
import process from "node:process";
import { createServer } from "@connectum/core";
import { configurationOf, configurations } from "../configuration.ts";
import { routesFor } from "../routes.ts";

const configuration = configurationOf(process.argv);
const ignore = () => {};
const server = createServer({
  ...configurations[configuration],
  services: [routesFor(configuration)],
  port: 0,
  host: "127.0.0.1",
  // Handlers that throw are part of the table.
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
});
await server.start();
const { port } = server.address ?? {};
console.log(`http://127.0.0.1:${port}/?http2=${port}`);

process.once("SIGTERM", () => void server.stop());
