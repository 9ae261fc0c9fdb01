// Calls that end in a reset as soon as they have begun, by the client or because it makes the server reset them.
import { constants } from "node:http2";
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  headerBlock,
  headersFrame,
  RST_STREAM,
  resetFrame,
  uint32,
  WINDOW_UPDATE,
} from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { headWith, streamIds, unaryCall, waiting } from "../calls.ts";
import { RESETS, SEEN } from "../round.ts";

const PER_CONNECTION = 1_000;
/** Fewer than a server may allow at a time, so that each of them becomes a call. */
const PROVOKED = 20;

const rapidReset: Attack = {
  name: "rapid-reset",
  title: `${PER_CONNECTION} calls, each reset in the packet that began it`,
  strikes: 10,
  perSecond: 10,
  async strike(round) {
    const connection = await round.connectHttp2();
    const calls = streamIds(PER_CONNECTION).map((id) =>
      Buffer.concat([headersFrame(id, "Echo"), resetFrame(id, constants.NGHTTP2_CANCEL)]),
    );
    await connection.send(Buffer.concat(calls));
    round.count("calls reset", PER_CONNECTION);
    round.calls += PER_CONNECTION;
    await round.settle(connection);
  },
  proof: { "calls reset": PER_CONNECTION, [SEEN]: 1 },
};

/** Calls, and the frames that make the server reset them: "made you reset". */
interface Provocation extends Pick<Attack, "name" | "title"> {
  readonly begin: (stream: number) => Buffer;
  readonly provoke: (stream: number) => Buffer;
}

const provocations: readonly Provocation[] = [
  {
    name: "made-you-reset-window",
    title: `${PROVOKED} calls in their handlers, then windows that overflow`,
    begin: (id) => unaryCall(id, "Echo", waiting),
    provoke: (id) => frame(WINDOW_UPDATE, 0, id, uint32(0x7fff_ffff)),
  },
  {
    name: "made-you-reset-trailers",
    title: `${PROVOKED} streams in their handlers, then trailers that do not end them`,
    begin: (id) => headersFrame(id, "EchoClientStream"),
    provoke: (id) => frame(HEADERS, END_HEADERS, id, headerBlock([["x-a", "1"]])),
  },
  {
    name: "made-you-reset-length",
    title: `${PROVOKED} streams in their handlers, then more than their content-length`,
    begin: (id) => headWith(id, "EchoClientStream", [["content-length", "5"]]),
    provoke: (id) => frame(DATA, END_STREAM, id, Buffer.alloc(100)),
  },
];

const provoked = provocations.map(
  ({ name, title, begin, provoke }): Attack => ({
    name,
    title,
    strikes: 25,
    perSecond: 25,
    async strike(round) {
      const connection = await round.connectHttp2();
      await connection.send(Buffer.concat(streamIds(PROVOKED).map(begin)));
      round.calls += PROVOKED;
      await round.settle(connection);
      await connection.send(Buffer.concat(streamIds(PROVOKED).map(provoke)));
      let reset = 0;
      await round.received(connection, ({ type }) => {
        if (type === RST_STREAM) reset += 1;
        return reset >= PROVOKED;
      });
    },
    proof: { [RESETS]: PROVOKED },
  }),
);

export const resets: readonly Attack[] = [rapidReset, ...provoked];
