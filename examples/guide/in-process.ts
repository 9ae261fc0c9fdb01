// node --import tsx in-process.ts
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createLocalTransport, createServer, defineService } from "@connectum/core";
import { Greeter } from "./gen/greeter_pb.ts";

const greeter = defineService(Greeter, {
  greet({ name }, { requestHeader }) {
    if (name === "") throw new ConnectError("name is missing", Code.InvalidArgument);
    return { greeting: `${requestHeader.get("x-salutation") ?? "Hello"}, ${name}!` };
  },
  async *greetAllDay({ name }) {
    for (const time of ["morning", "evening"]) yield { greeting: `Good ${time}, ${name}!` };
  },
  greetTogether: () => Promise.reject(new Error("a secret")),
  async *greetEach(requests) {
    for await (const { name } of requests) yield { greeting: `Hello, ${name}!` };
  },
});

// It need not start.
const server = createServer({ services: [greeter], logger: { ...console, error: () => {} } });

const client = createClient(Greeter, createLocalTransport(server));
const { greeting } = await client.greet({ name: "Ada" }, { headers: { "x-salutation": "Welcome" } });
console.log(greeting);

for await (const { greeting } of client.greetAllDay({ name: "Ada" })) console.log(greeting);

for (const call of [client.greet({}), client.greetTogether(nobody())]) {
  await call.catch((error: unknown) => console.log(ConnectError.from(error).message));
}

async function* nobody() {}
