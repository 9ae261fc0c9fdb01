// PORT=5000 ORIGINS=http://localhost:5173 node --import tsx server.ts
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { createServer, defineService } from "@connectum/core";
import { Greeter, GreetRequestSchema } from "./gen/greeter_pb.ts";

const HOURS = 24;

/** How the last day of each page ended, for the last thousand pages. They read it in a header. */
const lastDays = new Map<string, string>();

const greeter = defineService(Greeter, {
  greet({ name }, { requestHeader, responseHeader }) {
    if (name === "") {
      // The detail is a request that works.
      const detail = { desc: GreetRequestSchema, value: { name: "Ada" } };
      throw new ConnectError("nobody is there to greet", Code.InvalidArgument, undefined, [detail]);
    }
    responseHeader.set("last-day", lastDays.get(requestHeader.get("page-id") ?? "") ?? "there was none");
    return { greeting: `Hello, ${name}!` };
  },

  // One greeting for each hour of the day.
  async *greetAllDay({ name }, { requestHeader, signal }) {
    const page = requestHeader.get("page-id") ?? "";
    let greeted = 0;
    remember(page, "is greeting");
    try {
      for (; greeted < HOURS; greeted += 1) {
        if (greeted > 0) await sleep(400, undefined, { signal });
        yield { greeting: `${timeOfDay(greeted)}, ${name}!` };
      }
    } finally {
      remember(page, signal.aborted ? `cancelled after ${greeted} greetings` : `complete, ${greeted} greetings`);
    }
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

function remember(page: string, day: string): void {
  lastDays.delete(page);
  lastDays.set(page, day);
  const [oldest = ""] = lastDays.keys();
  if (lastDays.size > 1_000) lastDays.delete(oldest);
}

function timeOfDay(hour: number): string {
  if (hour < 6 || hour >= 22) return "Good night";
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}

const server = createServer({
  services: [greeter],
  cors: {
    // Where vite serves the page.
    origins: process.env["ORIGINS"]?.split(",") ?? ["http://localhost:5173"],
    allowHeaders: ["page-id"],
    exposeHeaders: ["last-day"],
  },
  shutdown: { autoShutdown: true },
});

await server.start();
