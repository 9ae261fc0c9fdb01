// Clients that vanish: in each state of a call, with and without bytes behind it that nobody has read.
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DATA, frame, HEADERS } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import type { Round } from "../round.ts";
import { http1States, http2States, type State } from "./vanishing-states.ts";

interface Version {
  readonly name: string;
  readonly title: string;
  readonly states: readonly State[];
  /** The first byte of a next request, or of a next frame. */
  readonly extra: Buffer;
  /** A connection, and whether a response has begun. */
  readonly open: (round: Round) => Promise<{ socket: Socket; isAnswered: () => boolean }>;
}

/** For the server to read the request and to start its handler. */
const BEGUN_MS = 20;
/** A server that has not responded by then will not. */
const ANSWERED_MS = 2_000;
const LEFT = "clients that left";
const ANSWERED = "clients that left in a response";

const versions: readonly Version[] = [
  {
    name: "http1",
    title: "HTTP/1.1",
    states: http1States,
    extra: Buffer.from("P"),
    async open(round) {
      const socket = await round.connect();
      return { socket, isAnswered: () => socket.bytesRead > 0 };
    },
  },
  {
    name: "http2",
    title: "HTTP/2",
    states: http2States,
    extra: frame(DATA, 0, 1).subarray(0, 4),
    async open(round) {
      const { socket, frames } = await round.connectHttp2();
      return { socket, isAnswered: () => frames.some(({ type }) => type === HEADERS) };
    },
  },
];

const vanish = ({ name, title, states, extra, open }: Version, hasExtra: boolean): Attack => {
  const all = states.filter(({ isHalf }) => !hasExtra || !isHalf);
  return {
    name: `vanish-${name}${hasExtra ? "-unread" : ""}`,
    title: `${title}: clients that vanish in ${all.length} states${hasExtra ? ", with bytes behind the request" : ""}`,
    strikes: 10 * all.length,
    perSecond: 10 * all.length,
    async strike(round, index) {
      const state = all[index % all.length];
      if (state === undefined) return;
      const { socket, isAnswered } = await open(round);
      socket.resume().write(hasExtra ? Buffer.concat([state.sent, extra]) : state.sent);
      if (state.isCall) round.calls += 1;
      await sleep(BEGUN_MS);
      if (state.isAnswered) {
        const until = performance.now() + ANSWERED_MS;
        while (!isAnswered() && performance.now() < until) await sleep(2); // Frames are kept without an event.
        if (isAnswered()) round.count(ANSWERED);
      }
      // In turns with FIN and with RST.
      if (Math.floor(index / all.length) % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
      round.count(LEFT);
    },
    // A round may end between two states.
    proof: { [LEFT]: 1, [ANSWERED]: 0.9 * (all.filter((state) => state.isAnswered).length / all.length) },
  };
};

export const vanishing = versions.flatMap((version) => [vanish(version, false), vanish(version, true)]);
