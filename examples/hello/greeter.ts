// The service: one handler for each kind of call.
import type { ConnectRouter } from "@connectrpc/connect";
import { Greeter } from "./gen/greeter_pb.ts";

/** For `createServer({ services: [routes] })`. */
export default function routes(router: ConnectRouter): void {
  router.service(Greeter, {
    greet(request) {
      return { greeting: `Hello, ${request.name}!` };
    },

    async *greetAllDay(request) {
      for (const time of ["morning", "afternoon", "evening"]) {
        yield { greeting: `Good ${time}, ${request.name}!` };
      }
    },

    async greetTogether(requests) {
      const names = [];
      for await (const { name } of requests) names.push(name);
      return { greeting: `Hello, ${names.join(" and ")}!` };
    },

    async *greetEach(requests) {
      for await (const { name } of requests) {
        yield { greeting: `Hello, ${name}!` };
      }
    },
  });
}
