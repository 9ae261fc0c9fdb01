// Calls that hold what belongs to all: streams that nobody reads, and responses that nobody takes.
import { setTimeout as sleep } from "node:timers/promises";
import { echoRequest } from "../../__test__/support/echo-request.ts";
import { envelope } from "../../__test__/support/envelope.ts";
import { DATA, END_STREAM, frame, headersFrame } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { headWith, MIB, standing, streamIds, windowSettings } from "../calls.ts";
import { ANSWERS, SEEN } from "../round.ts";
import { BIG } from "../server-texts.ts";

const STREAMS = 50;
const CALLS = 20;
/** For the handlers to take the first message. */
const TAKEN_MS = 50;

const standingStreams: Attack = {
  name: "standing-streams",
  title: `${STREAMS} streams whose handlers have stopped reading, each with one message more`,
  strikes: 8,
  perSecond: 80,
  async strike(round) {
    const connection = await round.connectHttp2();
    const begin = streamIds(STREAMS).flatMap((id) => [
      headersFrame(id, "EchoBidiStream"),
      frame(DATA, 0, id, standing),
    ]);
    await connection.send(Buffer.concat(begin));
    round.calls += STREAMS;
    await sleep(TAKEN_MS);
    const more = streamIds(STREAMS).map((id) => frame(DATA, 0, id, envelope(Buffer.alloc(0))));
    await connection.send(Buffer.concat(more));
    round.count("streams that stand", STREAMS);
    await round.settle(connection);
  },
  proof: { "streams that stand": STREAMS, [SEEN]: 1 },
};

const large = echoRequest({ text: `${BIG}${MIB}` });

/** Responses of 1 MiB that cannot be compressed, to a client whose windows are closed. */
const unreadAnswers = (name: string, title: string, fields: [string, string][]): Attack => ({
  name,
  title: `${CALLS} responses of 1 MiB that the client does not read${title}`,
  strikes: 10,
  perSecond: 20,
  async strike(round) {
    const connection = await round.connectHttp2();
    const calls = streamIds(CALLS).flatMap((id) => [headWith(id, "Echo", fields), frame(DATA, END_STREAM, id, large)]);
    await connection.send(Buffer.concat([windowSettings(0), ...calls]));
    round.calls += CALLS;
    await round.answered(connection, CALLS);
  },
  proof: { [ANSWERS]: CALLS },
});

export const standingCalls: readonly Attack[] = [
  standingStreams,
  unreadAnswers("unread-answers", "", []),
  unreadAnswers("unread-answers-gzip", ", compressed", [["grpc-accept-encoding", "gzip"]]),
];
