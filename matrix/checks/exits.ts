// Processes that end with calls in flight: by process.exit(), an uncaught exception, and SIGTERM without a handler.
import assert from "node:assert/strict";
import { connect } from "node:http2";
import { type Check, type Place, start } from "../check.ts";

const CALLS = 20;
const WAYS = ["exit", "throw", "signal"] as const;

export const exits: Check = {
  name: "exit with calls in flight, 50 times",
  async run(place) {
    const times = place.isQuick ? 6 : 50;
    for (let time = 0; time < times; time += 1) await exit(place, WAYS[time % WAYS.length] ?? "exit");
  },
};

async function exit(place: Place, way: (typeof WAYS)[number]): Promise<void> {
  const server = start(place, "exits.js", [way]);
  const session = connect(`http://127.0.0.1:${await server.port}`);
  session.on("error", () => {}); // The server ends without a word.
  try {
    const streams = Array.from({ length: CALLS }, () => begin(session));
    // Frames arrive in order: the answer to a ping means that the server has read the calls.
    await new Promise((resolve) => session.ping(() => resolve(undefined)));
    if (way === "signal") server.child.kill("SIGTERM");
    else server.child.stdin?.end();
    const code = await server.ended;
    const expected: readonly (number | string)[] = { exit: [7], throw: [1], signal: ["SIGTERM", 143] }[way];
    assert.ok(expected.includes(code), `${way}: it ended with ${code}: ${server.output()}`);
    await Promise.all(streams);
  } finally {
    session.destroy();
    server.child.kill("SIGKILL");
  }
}

/** A call that the handler never answers. Resolves when the stream is over. */
function begin(session: ReturnType<typeof connect>): Promise<void> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/connectum.test.v1.EchoService/Echo",
    "content-type": "application/json",
  });
  stream.on("error", () => {}); // As its session.
  stream.end('{"text":"never"}');
  return new Promise((resolve) => stream.once("close", () => resolve()));
}
