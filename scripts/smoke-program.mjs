// @ts-check
// A server with one handler, and telemetry that goes nowhere, and one call of it. scripts/smoke.mjs copies it to where
// our packages are installed.
import { createServer } from "@connectum/core";
import { Health } from "@connectum/healthcheck/proto";
import { createOtelInterceptor, otelShutdown } from "@connectum/otel";

/** @type {string[]} */
const asked = [];
const server = createServer({
  services: [
    (router) =>
      router.service(Health, {
        check({ service }) {
          asked.push(service);
          return { status: 1 };
        },
      }),
  ],
  interceptors: [createOtelInterceptor({ serviceName: "smoke" })],
  host: "127.0.0.1",
  port: 0,
});
otelShutdown(server);
await server.start();
const response = await fetch(`http://127.0.0.1:${server.address?.port}/grpc.health.v1.Health/Check`, {
  method: "POST",
  headers: { "content-type": "application/json", connection: "close" },
  body: '{"service":"smoke"}',
});
const answer = await response.text();
await server.stop();
if (answer !== '{"status":"SERVING"}' || asked.join() !== "smoke") {
  throw new Error(`the response is ${response.status} ${answer}, and the handler was asked for "${asked.join()}"`);
}
console.log(`a handler was called, and the client got ${answer}`);
