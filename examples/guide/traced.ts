// OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 node --import tsx traced.ts: a greeter whose calls are traced.
import { createServer } from "@connectum/core";
import { createOtelInterceptor, otelShutdown } from "@connectum/otel";
import routes from "./routes.ts";

const server = createServer({
  services: [routes],
  port: Number(process.env["PORT"] ?? 5000),
  interceptors: [createOtelInterceptor({ serviceName: "greeter" })],
  shutdown: { autoShutdown: true },
});
otelShutdown(server);
await server.start();
