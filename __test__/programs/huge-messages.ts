// A server whose messages may be larger than the heap of its process. Prints its port.
import { createServer } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

const server = createServer({
  services: [
    (router) => router.service(EchoService, { echo: ({ payload }) => ({ text: `${payload.byteLength} bytes` }) }),
  ],
  port: 0,
  host: "127.0.0.1",
  readMaxBytes: 512 * 1024 * 1024,
  maxBufferedBytes: 4 * 1024 * 1024 * 1024,
});
await server.start();
console.log(`running ${server.address?.port}`);
