// node --import tsx http.ts: pages, uploads and events beside RPCs, on one port.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer, type ProtocolRegistration } from "@connectum/core";
import { Hono } from "hono";
import { Greeter } from "./gen/greeter_pb.ts";
import routes from "./routes.ts";

const app = new Hono();

app.get("/users/:id", (context) => context.json({ id: context.req.param("id") }));

app.post("/upload", async (context) => {
  const form = await context.req.raw.formData();
  return context.json([...form.keys()]);
});

app.get("/events", (context) => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const events = new ReadableStream<Uint8Array>({
    start(controller) {
      let count = 0;
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(`data: ${++count}\n\n`)), 10);
    },
    cancel() {
      clearInterval(timer);
      console.log("server: the client has left");
    },
  });
  return context.body(events, 200, { "content-type": "text/event-stream" });
});

// The same request and response as in node:http.
const status: ProtocolRegistration = {
  name: "status",
  register() {},
  httpHandler(request, response) {
    if (request.url !== "/status") return false;
    response.setHeader("content-type", "text/plain");
    response.end("running");
    return true;
  },
};

const server = createServer({
  services: [routes],
  port: 0,
  host: "127.0.0.1",
  protocols: [status],
  fetch: app.fetch,
});
await server.start();
const baseUrl = `http://127.0.0.1:${server.address?.port}`;

const client = createClient(Greeter, createGrpcTransport({ baseUrl }));
console.log((await client.greet({ name: "Ada" })).greeting);
console.log(`/status: ${await (await fetch(`${baseUrl}/status`)).text()}`);
console.log(`/users/7: ${await (await fetch(`${baseUrl}/users/7`)).text()}`);

const form = new FormData();
form.set("title", "A picture");
form.set("file", new Blob(["..."]), "picture.png");
console.log(`/upload: ${await (await fetch(`${baseUrl}/upload`, { method: "POST", body: form })).text()}`);

// It reads one event, and leaves.
const abort = new AbortController();
const events = await fetch(`${baseUrl}/events`, { signal: abort.signal });
const { value } = (await events.body?.getReader().read()) ?? {};
console.log(`/events: ${new TextDecoder().decode(value).trim().split("\n")[0]}`);
abort.abort();

console.log(`/elsewhere: ${(await fetch(`${baseUrl}/elsewhere`)).status}`);
await server.stop();
