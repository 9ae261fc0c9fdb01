// node server.ts, from Node 22.18 on: a server as it runs in production. It reads PORT, LISTEN and GRACE_PERIOD_MS.
import { createServer } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { createDefaultInterceptors } from "@connectum/interceptors";
import { Reflection } from "@connectum/reflection";
import { Greeter } from "./gen/greeter_pb.ts";

const server = createServer({
  services: [
    (router) =>
      router.service(Greeter, {
        greet: ({ name }) => ({ greeting: `Hello, ${name}!` }),
      }),
  ],
  protocols: [Healthcheck({ httpEnabled: true, autoServing: true }), Reflection()],
  interceptors: createDefaultInterceptors(),
  // A container of 1 GiB has this much beside the 512 MiB of --max-old-space-size.
  maxBufferedBytes: 256 * 1024 * 1024,
  // Clients come again every five minutes, and find servers that are new.
  maxConnectionAge: 300_000,
  shutdown: {
    autoShutdown: true,
    gracePeriod: Number(process.env["GRACE_PERIOD_MS"] ?? 0),
    timeout: 30_000,
    hookTimeout: 10_000,
  },
});
await server.start();
