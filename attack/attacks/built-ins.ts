// Floods of the services that are built in, which need no handler.
import { envelope } from "../../__test__/support/envelope.ts";
import { DATA, END_STREAM, frame } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { headFor, streamIds, WATCH } from "../calls.ts";
import { ANSWERS, type Round } from "../round.ts";

/** Sends `requests` on each of some streams, and counts the responses. */
async function ask(round: Round, streams: number, path: string, requests: readonly Buffer[]): Promise<void> {
  const connection = await round.connectHttp2();
  const body = Buffer.concat(requests.map((request) => envelope(request)));
  const calls = streamIds(streams).flatMap((id) => [headFor(id, path), frame(DATA, END_STREAM, id, body)]);
  await connection.send(Buffer.concat(calls));
  round.count("requests", streams * requests.length);
  await round.answered(connection, streams);
}

const WATCHES = 100;
const STREAMS = 5;
const QUESTIONS = 40;

/** A field of a ServerReflectionRequest whose value is a string. */
const question = (field: number, text: string) =>
  Buffer.concat([Buffer.from([(field << 3) | 2, text.length]), Buffer.from(text)]);
/** The services, and the file that declares one of them. */
const questions = [question(7, "*"), question(4, "connectum.test.v1.EchoService")];

export const builtIns: readonly Attack[] = [
  {
    name: "watches",
    title: `${WATCHES} streams of Health/Watch on one connection`,
    strikes: 20,
    perSecond: 20,
    strike: (round) => ask(round, WATCHES, WATCH, [Buffer.alloc(0)]),
    proof: { requests: WATCHES, [ANSWERS]: WATCHES },
  },
  {
    name: "reflection",
    title: `${STREAMS} streams of reflection, ${QUESTIONS} requests on each`,
    strikes: 20,
    perSecond: 20,
    strike: (round) =>
      ask(
        round,
        STREAMS,
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        Array.from({ length: QUESTIONS }, (_, at) => questions[at % questions.length] ?? Buffer.alloc(0)),
      ),
    proof: { requests: STREAMS * QUESTIONS, [ANSWERS]: STREAMS },
  },
];
