// node --import tsx streaming.ts: the three kinds of streams, and what back-pressure does.
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";

let produced = 0;
const ended: string[] = [];

/** An interceptor that waits for the end of a stream: `next` returns when the response begins. */
const watching: Interceptor = (next) => async (request) => {
  const response = await next(request);
  if (!response.stream) return response;
  const whenDone = () => ended.push(request.method.name);
  return { ...response, message: watched(response.message, whenDone) };
};

async function* watched<T>(messages: AsyncIterable<T>, whenDone: () => void) {
  try {
    yield* messages;
  } finally {
    whenDone(); // also after an error, and when the client has left
  }
}

const server = createServer({
  port: 0,
  host: "127.0.0.1",
  interceptors: [watching],
  services: [
    (router) => {
      router.service(Greeter, {
        // The client sends one message, the server a stream.
        async *greetAllDay({ name }) {
          try {
            for (;;) {
              produced += 1;
              yield { greeting: `${"Good day, ".repeat(1_000)}${name}!` };
            }
          } finally {
            console.log("server: the client has left");
          }
        },

        // The client sends a stream, the server one message.
        async greetTogether(requests) {
          const names = [];
          for await (const { name } of requests) names.push(name);
          return { greeting: `Hello, ${names.join(" and ")}!` };
        },

        // Both send a stream. Each response is sent at once.
        async *greetEach(requests, { responseHeader, responseTrailer }) {
          responseHeader.set("greeting-language", "en");
          let count = 0;
          for await (const { name } of requests) {
            count += 1;
            yield { greeting: `Hello, ${name}!` };
          }
          responseTrailer.set("greeting-count", String(count));
        },
      });
    },
  ],
});
await server.start();

const baseUrl = `http://127.0.0.1:${server.address?.port}`;
const client = createClient(Greeter, createGrpcTransport({ baseUrl }));

async function* names() {
  yield { name: "Ada" };
  yield { name: "Grace" };
}
console.log((await client.greetTogether(names())).greeting);

const options = {
  onHeader: (header: Headers) => console.log(`language: ${header.get("greeting-language")}`),
  onTrailer: (trailer: Headers) => console.log(`count: ${trailer.get("greeting-count")}`),
};
for await (const { greeting } of client.greetEach(names(), options)) console.log(greeting);

// The generator pauses while nobody reads, and returns when the client cancels. `break` alone resets no stream.
const cancel = new AbortController();
for await (const { greeting } of client.greetAllDay({ name: "Ada" }, { signal: cancel.signal })) {
  console.log(`${greeting.length} characters`);
  // Time enough for a generator without back-pressure to fill the memory.
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(`the generator ${produced < 1_000 ? "is paused" : "runs away"}`);
  cancel.abort();
  break;
}
await server.stop();
console.log(`ended: ${ended.join(", ")}`);
