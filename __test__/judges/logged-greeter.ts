// The prelude of the production example in the Collector's judge: handlers that succeed, fail, stream, trace and log.
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { getLogger, traced } from "@connectum/otel";
import { Greeter } from "../../examples/hello/gen/greeter_pb.ts";

/** Whose greeting is an answer with a code. */
export const NOBODY = "nobody";
/** Whose greeting is a fault of the handler. */
export const FAULT = "fault";

const lookUp = traced(
  async (name: string) => {
    if (name === NOBODY) throw new ConnectError("there is nobody", Code.NotFound);
    if (name === FAULT) throw new TypeError("a fault");
    return name;
  },
  { name: "look up" },
);

export default (router: ConnectRouter) => {
  router.service(Greeter, {
    async greet({ name }) {
      const found = await lookUp(name);
      // Made here, as a logger of the module would be what first makes the provider.
      getLogger("greeter").warn("greeted", { "greeting.name": name });
      return { greeting: `Hello, ${found}!` };
    },
    async *greetAllDay({ name }) {
      yield { greeting: `Good morning, ${name}!` };
      yield { greeting: `Good evening, ${await lookUp(name)}!` };
    },
    async greetTogether(requests) {
      const names = [];
      for await (const { name } of requests) names.push(name);
      return { greeting: `Hello, ${names.join(" and ")}!` };
    },
    async *greetEach(requests) {
      for await (const { name } of requests) yield { greeting: `Hello, ${name}!` };
    },
  });
};
