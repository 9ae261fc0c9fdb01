// What a server keeps of calls that have ended: responses of 2 MiB, behind an interceptor.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { answerQuestions } from "../answers.ts";
import { growthOf } from "../growth.ts";

const CALLS = 100;
const RESPONSE_BYTES = 2 * 1024 * 1024;

const server = createServer({
  host: "127.0.0.1",
  port: 0,
  interceptors: [(next) => (request) => next(request)],
  services: [(router) => router.service(EchoService, { echo: () => ({ payload: new Uint8Array(RESPONSE_BYTES) }) })],
});
await server.start();
const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.address?.port}` });
const client = createClient(EchoService, transport);

answerQuestions({
  growth: () =>
    growthOf({
      warmUp: () => client.echo({}),
      async work() {
        for (let call = 0; call < CALLS; call += 1) await client.echo({});
      },
      figure: () => process.memoryUsage().arrayBuffers,
    }),
});
