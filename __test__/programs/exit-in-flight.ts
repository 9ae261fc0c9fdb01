// Calls process.exit(7) while calls are in flight, from the place that the argument names.
import process from "node:process";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const [from] = process.argv.slice(2);
const CALLS = 20;
let begun = 0;

function begin() {
  begun += 1;
  if (begun < CALLS) return;
  console.log("all begun");
  if (from === "handler") process.exit(7);
  if (from === "microtask") queueMicrotask(() => process.exit(7));
  if (from === "timer") setTimeout(() => process.exit(7), 20);
  if (from === "stop") {
    void server.stop();
    setTimeout(() => process.exit(7), 20);
  }
  if (from === "uncaught") setImmediate(() => assertNothing());
}

function assertNothing(): never {
  throw new Error("the process's");
}

const server = createServer({
  services: [
    (router) =>
      router.service(EchoService, {
        async echo() {
          begin();
          return new Promise<never>(() => {});
        },
        async *echoServerStream() {
          begin();
          for (let index = 0; ; index += 1) {
            yield { index };
            await new Promise(setImmediate);
          }
        },
      }),
  ],
  port: 0,
  host: "127.0.0.1",
});
await server.start();
const client = createClient(EchoService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.address?.port}` }));

async function readAll() {
  for await (const _ of client.echoServerStream({}));
}

for (let call = 0; call < CALLS; call += 2) {
  client.echo({}).catch(() => {});
  readAll().catch(() => {});
}
