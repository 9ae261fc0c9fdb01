// PORT=5000 TOKEN=secret node --import tsx server.ts
import { createServer, defineService } from "@connectum/core";
import { createDefaultInterceptors, createErrorHandlerInterceptor } from "@connectum/interceptors";
import { Greeter } from "./gen/greeter_pb.ts";
import { caller, requireToken } from "./require-token.ts";

const greeter = defineService(Greeter, {
  greet: (_, { values }) => ({ greeting: `Hello, ${values.get(caller)}!` }),

  async *greetAllDay(_, { values }) {
    for (const time of ["morning", "evening"]) yield { greeting: `Good ${time}, ${values.get(caller)}!` };
  },

  greetTogether: async (_, { values }) => ({ greeting: `Hello, ${values.get(caller)}!` }),

  async *greetEach(requests, { values }) {
    for await (const { name } of requests) yield { greeting: `Hello, ${name}, from ${values.get(caller)}!` };
  },
});

const server = createServer({
  services: [greeter],
  // Unauthenticated calls are rejected before their messages are validated.
  interceptors: [
    createErrorHandlerInterceptor(),
    requireToken(new Map([[process.env["TOKEN"] ?? "secret", "Ada"]])),
    ...createDefaultInterceptors({ errorHandler: false }),
  ],
  shutdown: { autoShutdown: true },
});

await server.start();
