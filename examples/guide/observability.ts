// node --import tsx observability.ts: a server and a client with telemetry. With OTEL_EXPORTER_OTLP_ENDPOINT it goes to
// a collector, without it nowhere.
import { Code, ConnectError, type ConnectRouter, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { createOtelClientInterceptor, createOtelInterceptor, getLogger, otelShutdown, traced } from "@connectum/otel";
import { Greeter } from "./gen/greeter_pb.ts";

const lookUp = traced(
  async (name: string) => {
    if (name === "nobody") throw new ConnectError("there is nobody", Code.NotFound);
    return name;
  },
  { name: "look up", recordArgs: ["name"] },
);

function routes(router: ConnectRouter): void {
  router.service(Greeter, {
    async greet({ name }) {
      const found = await lookUp(name);
      getLogger("greeter").info("greeted", { "greeting.name": found });
      return { greeting: `Hello, ${found}!` };
    },
  });
}

const server = createServer({
  services: [routes],
  port: 0,
  host: "127.0.0.1",
  interceptors: [createOtelInterceptor({ serviceName: "greeter" })],
});
otelShutdown(server);
await server.start();

const client = createClient(
  Greeter,
  createConnectTransport({
    baseUrl: `http://127.0.0.1:${server.address?.port}`,
    httpVersion: "1.1",
    interceptors: [createOtelClientInterceptor()],
  }),
);
console.log((await client.greet({ name: "Ada" })).greeting);
await client.greet({ name: "nobody" }).catch((error: Error) => console.log(error.message));
await server.stop();
console.log("stopped, and everything is exported");
