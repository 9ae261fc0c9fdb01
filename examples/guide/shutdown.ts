// node --import tsx shutdown.ts: a server that is told to stop while calls are under way, and what it does when.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";

const server = createServer({
  port: 0,
  host: "127.0.0.1",
  services: [
    (router) =>
      router.service(Greeter, {
        async greet({ name }) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          return { greeting: `Hello, ${name}!` };
        },
        async *greetAllDay({ name }, { signal }) {
          while (!signal.aborted) {
            yield { greeting: `Good day, ${name}!` };
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          yield { greeting: `Good night, ${name}!` };
        },
      }),
  ],
  shutdown: { autoShutdown: true, timeout: 10_000, streamGracePeriod: 300, hookTimeout: 5_000 },
});

server.onShutdown("database", async () => console.log("the database is closed"));
server.onShutdown("cache", async () => console.log("the cache is flushed"));
server.onShutdown("metrics", ["database", "cache"], () => console.log("metrics are sent"));

server.on("stopping", () => console.log("stopping"));
server.shutdownSignal.addEventListener("abort", () => console.log("no new work"));
server.on("stop", () => console.log("stopped"));
await server.start();

const baseUrl = `http://127.0.0.1:${server.address?.port}`;
const client = createClient(Greeter, createGrpcTransport({ baseUrl }));
const call = client.greet({ name: "Ada" });
const stream = (async () => {
  let last = "";
  for await (const { greeting } of client.greetAllDay({ name: "Grace" })) last = greeting;
  return last;
})();

setTimeout(() => process.kill(process.pid, "SIGTERM"), 100);
console.log((await call).greeting);
console.log(await stream);
