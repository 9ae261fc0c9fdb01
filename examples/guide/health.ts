// node --import tsx health.ts: the responses to probes while a server starts, serves, and loses its database.
import { createServer } from "@connectum/core";
import { createHealthcheckManager, Healthcheck, ServingStatus } from "@connectum/healthcheck";
import routes from "./routes.ts";

const manager = createHealthcheckManager();
let databaseIsUp = true;

const server = createServer({
  services: [routes],
  port: 0,
  host: "127.0.0.1",
  protocols: [
    Healthcheck({
      httpEnabled: true,
      manager,
      checkInterval: 50,
      checks: { database: async () => databaseIsUp },
    }),
  ],
});
await server.start();
const baseUrl = `http://127.0.0.1:${server.address?.port}`;

async function probe(when: string): Promise<void> {
  const statuses = [];
  for (const path of ["/livez", "/readyz"]) statuses.push(`${path} ${(await fetch(baseUrl + path)).status}`);
  console.log(`${when}: ${statuses.join(", ")}`);
}

await probe("listening");
manager.update(ServingStatus.SERVING);
await allHealthy(true);
await probe("serving");
databaseIsUp = false;
await allHealthy(false);
await probe("without its database");
await server.stop();

/** Resolves when `manager.areAllHealthy()` is `wanted`. */
function allHealthy(wanted: boolean): Promise<void> {
  if (manager.areAllHealthy() === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = manager.subscribe(() => {
      if (manager.areAllHealthy() !== wanted) return;
      end();
      resolve();
    });
  });
}
