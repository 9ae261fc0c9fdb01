// Requests whose end is ambiguous, each with a request behind it that nobody must serve.
import { once } from "node:events";
import { ambiguousRequests, NEXT, statusesIn } from "../../__test__/support/ambiguous-requests.ts";
import type { Attack } from "../attack.ts";

const pairs = Object.values(ambiguousRequests).map((request) => Buffer.from(request + NEXT, "latin1"));

const CLOSED = "connections closed";

export const smuggling: readonly Attack[] = [
  {
    name: "smuggling",
    title: `requests behind ${pairs.length} requests whose end is ambiguous`,
    strikes: 10 * pairs.length,
    perSecond: 10 * pairs.length,
    async strike(round, index) {
      const socket = await round.connect();
      const closed = once(socket, "close");
      let received = "";
      socket.setEncoding("latin1").on("data", (text: string) => {
        received += text;
      });
      socket.write(pairs[index % pairs.length] ?? Buffer.alloc(0));
      await closed;
      round.count(CLOSED);
      // The first request may be served. Whatever else starts a handler was smuggled.
      if (statusesIn(received)[0] === 200) round.calls += 1;
    },
    proof: { [CLOSED]: 1 },
  },
];
