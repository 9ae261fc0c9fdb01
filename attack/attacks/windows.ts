// Clients that take a response in drops: windows of one byte, and of none.

import { echoRequest } from "../../__test__/support/echo-request.ts";
import {
  DATA,
  END_STREAM,
  type FrameConnection,
  frame,
  headersFrame,
  uint32,
  WINDOW_UPDATE,
} from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { KIB, repeated, streamIds, windowSettings } from "../calls.ts";
import { ANSWERS, type Round } from "../round.ts";

const STREAMS = 10;
const DROPS = 50;
const EVERY_MS = 20;

const stream = echoRequest({ count: 100, payload: new Uint8Array(4 * KIB) });

/** A connection whose windows are closed, and that waits for responses of 400 KiB each. */
async function openClosed(round: Round): Promise<FrameConnection> {
  const connection = await round.connectHttp2();
  const calls = streamIds(STREAMS).map((id) =>
    Buffer.concat([headersFrame(id, "EchoServerStream"), frame(DATA, END_STREAM, id, stream)]),
  );
  await connection.send(Buffer.concat([windowSettings(0), ...calls]));
  round.calls += STREAMS;
  await round.answered(connection, STREAMS);
  return connection;
}

const dribble: Attack = {
  name: "window-1",
  title: `windows that are opened by one byte, ${DROPS} times at once`,
  strikes: 20,
  perSecond: 20,
  async strike(round) {
    const connection = await openClosed(round);
    const drops = streamIds(STREAMS).map((id) => repeated(frame(WINDOW_UPDATE, 0, id, uint32(1)), DROPS));
    round.repeat(EVERY_MS, () => void connection.send(Buffer.concat(drops)));
    round.after(() => {
      const received = connection.frames.filter(({ type, payload }) => type === DATA && payload.length <= DROPS);
      round.count("DATA frames of a few bytes", received.length);
    });
  },
  proof: { [ANSWERS]: STREAMS, "DATA frames of a few bytes": STREAMS },
};

const closed: Attack = {
  name: "window-0",
  title: `windows that stay closed, while SETTINGS say so ${DROPS} times at once`,
  strikes: 20,
  perSecond: 20,
  async strike(round) {
    const connection = await openClosed(round);
    const settings = repeated(Buffer.concat([windowSettings(1), windowSettings(0)]), DROPS / 2);
    round.repeat(EVERY_MS, () => {
      round.count("SETTINGS", DROPS);
      void connection.send(settings);
    });
  },
  proof: { [ANSWERS]: STREAMS, SETTINGS: DROPS },
};

export const windows: readonly Attack[] = [dribble, closed];
