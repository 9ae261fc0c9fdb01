// The server that h2spec is let loose on: node --import tsx server.ts [--tls] [--http2-only]
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "../support/certificates.ts";

/** h2spec writes the frames of one case one by one. An answer in between would be right, and not what it looks for. */
const SLOW_MS = 100;

const tls = process.argv.includes("--tls") ? identity("server") : undefined;
const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        async echoGet({ text }) {
          await sleep(SLOW_MS);
          return { text };
        },
      }),
  ],
  protocols: [Healthcheck({ httpEnabled: true })],
  port: 0,
  host: "127.0.0.1",
  tls,
  allowHTTP1: !process.argv.includes("--http2-only"),
  transportValidation: "off",
});
await server.start();
console.log(`EchoService at ${tls ? "https" : "http"}://127.0.0.1:${server.address?.port}`);
process.once("SIGTERM", () => void server.stop());
