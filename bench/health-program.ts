// A server with health. Each line of its input is a number of milliseconds for which it blocks its JavaScript thread.
import { createInterface } from "node:readline";
import { createServer } from "@connectum/core";
import { createHealthcheckManager, Healthcheck, ServingStatus } from "@connectum/healthcheck";
import routes from "./peers/routes.ts";

const manager = createHealthcheckManager();
manager.update(ServingStatus.SERVING);
const server = createServer({
  services: [routes],
  host: "127.0.0.1",
  port: 0,
  protocols: [Healthcheck({ httpEnabled: true, manager })],
});
await server.start();
console.log(`http://127.0.0.1:${server.address?.port}`);
for await (const line of createInterface({ input: process.stdin })) {
  for (const until = performance.now() + Number(line); performance.now() < until; );
}
