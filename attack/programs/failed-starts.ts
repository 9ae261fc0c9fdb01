// What servers leave that could not start, because their port was occupied.
import { createServer } from "@connectum/core";
import { answerQuestions } from "../answers.ts";
import { growthOf } from "../growth.ts";

const STARTS = 300;

const occupant = createServer({ services: [], host: "127.0.0.1", port: 0 });
await occupant.start();
const port = occupant.address?.port ?? 0;

async function failStarts(count: number): Promise<void> {
  for (let start = 0; start < count; start += 1) {
    const server = createServer({ services: [], host: "127.0.0.1", port });
    const hasStarted = await server.start().then(
      () => true,
      () => false,
    );
    if (hasStarted) throw new Error("the port was to be occupied");
  }
}

answerQuestions({
  growth: () =>
    growthOf({
      warmUp: () => failStarts(STARTS / 10),
      work: () => failStarts(STARTS),
      figure: () => process.memoryUsage().rss,
    }),
});
