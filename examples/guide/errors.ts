// node --import tsx errors.ts: errors that handlers throw, and what clients and the log get for them.
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createServer } from "@connectum/core";
import { createErrorHandlerInterceptor } from "@connectum/interceptors";
import { Greeter, GreetResponseSchema } from "./gen/greeter_pb.ts";

class DatabaseError extends Error {
  readonly code = Code.Unavailable;
  readonly clientMessage = "the greetings are away, try again later";
  readonly serverDetails: Record<string, unknown>;

  constructor(host: string) {
    super(`cannot reach ${host}`);
    this.serverDetails = { host };
  }
}

const server = createServer({
  port: 0,
  host: "127.0.0.1",
  interceptors: [
    createErrorHandlerInterceptor({
      onError: ({ error, serverDetails }) => console.log(`log: ${error.cause ?? error}`, serverDetails ?? ""),
    }),
  ],
  services: [
    (router) => {
      router.service(Greeter, {
        greet({ name }) {
          if (name === "") throw new ConnectError("name is missing", Code.InvalidArgument);
          if (name === "Ada") {
            const detail = { desc: GreetResponseSchema, value: { greeting: "Hello again!" } };
            throw new ConnectError("Ada was greeted already", Code.AlreadyExists, { "retry-after": "60" }, [detail]);
          }
          if (name === "Linus") throw new DatabaseError("db-3.internal");
          throw new TypeError("greetings[0] is undefined");
        },

        async *greetAllDay({ name }) {
          yield { greeting: `Good morning, ${name}!` };
          throw new ConnectError("the day was cut short", Code.Aborted);
        },
      });
    },
  ],
});
await server.start();

const baseUrl = `http://127.0.0.1:${server.address?.port}`;
const client = createClient(Greeter, createGrpcTransport({ baseUrl }));

for (const name of ["", "Ada", "Linus", "Grace"]) {
  try {
    await client.greet({ name });
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    console.log(`client: ${Code[error.code]}: ${error.rawMessage}`);
    const retryAfter = error.metadata.get("retry-after");
    if (retryAfter !== null) console.log(`client: retry after ${retryAfter} s`);
    for (const { greeting } of error.findDetails(GreetResponseSchema)) console.log(`client: ${greeting}`);
  }
}

try {
  for await (const { greeting } of client.greetAllDay({ name: "Ada" })) console.log(`client: ${greeting}`);
} catch (thrown) {
  console.log(`client: ${ConnectError.from(thrown).message}`);
}
await server.stop();
