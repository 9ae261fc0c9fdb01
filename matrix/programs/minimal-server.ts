// A server with the echo handlers and nothing else, for programs that start many.
import { createServer, type Server } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { echo } from "./echo.ts";

export async function startServer(): Promise<Server> {
  const server = createServer({
    services: [(router) => router.service(EchoService, echo)],
    host: "127.0.0.1",
    port: 0,
  });
  await server.start();
  return server;
}

/** Calls it once, over Connect with JSON. */
export async function call(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/connectum.test.v1.EchoService/Echo`, {
    method: "POST",
    // The server stops after this: no connection has to wait for another call.
    headers: { "content-type": "application/json", connection: "close" },
    body: '{"text":"hello"}',
  });
  const { text } = (await response.json()) as { text: string };
  if (text !== "hello") throw new Error(`the answer is "${text}"`);
}
