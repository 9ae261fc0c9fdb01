// The greeter's handlers, as Connect has them: the same for connect-node and for Connectum.
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { Greeter } from "./gen/greeter_pb.ts";

export default function routes(router: ConnectRouter): void {
  router.service(Greeter, {
    greet({ name }, { requestHeader, responseHeader, responseTrailer }) {
      if (name === "") throw new ConnectError("name is missing", Code.InvalidArgument);
      responseHeader.set("greeting-language", "en");
      responseTrailer.set("greeted-for", requestHeader.get("caller") ?? "nobody");
      return { greeting: `Hello, ${name}!` };
    },
    async *greetAllDay({ name }, { signal }) {
      try {
        for (;;) {
          yield { greeting: `Good day, ${name}!` };
          await sleep(20, undefined, { signal });
        }
      } finally {
        console.log("the client has left");
      }
    },
    async greetTogether(requests) {
      const names: string[] = [];
      for await (const { name } of requests) names.push(name);
      return { greeting: `Hello, ${names.join(" and ")}!` };
    },
    async *greetEach(requests) {
      for await (const { name } of requests) yield { greeting: `Hello, ${name}!` };
    },
  });
}
