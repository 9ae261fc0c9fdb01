// A server with telemetry, which it exports when SIGTERM stops it. Argument: the file of an application's SDK, which is
// registered first; default: none, and the package has its own. Variables say where telemetry goes.
import { ConnectError } from "@connectrpc/connect";
import { createServer } from "@connectum/core";
import { createOtelInterceptor, getLogger, otelShutdown, traced } from "@connectum/otel";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const greet = traced((text: string) => `${text}!`, { name: "greet" });

const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        echo({ text }) {
          if (text === "refuse") throw new ConnectError("no such thing", 5);
          // Here, as the logger of a module would be what first makes the provider.
          getLogger("echo").info("echoed", { "echo.text": text });
          return { text: greet(text) };
        },
      }),
  ],
  host: "127.0.0.1",
  port: 0,
  interceptors: [createOtelInterceptor({ serviceName: "shop" })],
  shutdown: { autoShutdown: true },
});
otelShutdown(server);
const [file] = process.argv.slice(2);
if (file !== undefined) {
  const { shutdown } = (await import(file)) as { shutdown(): Promise<void> };
  server.onShutdown("sdk", ["otel"], shutdown);
}
await server.start();
console.log(`port ${server.address?.port}`);
