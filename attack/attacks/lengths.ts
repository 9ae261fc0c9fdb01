// Lengths that are announced, and not true.
import { envelope } from "../../__test__/support/envelope.ts";
import { DATA, frame, headersFrame } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { http1Head, MIB, methodPath, streamIds } from "../calls.ts";
import { ANSWERS } from "../round.ts";

const STREAMS = 50;
const FEW = Buffer.alloc(10);
/** The largest message that is read by default. */
const LARGEST = 4 * MIB;

const lyingPrefixes: Attack = {
  name: "lying-prefixes",
  title: `${STREAMS} messages of 4 GiB and ${STREAMS} of 4 MiB by their prefixes, of which 10 bytes come`,
  strikes: 10,
  perSecond: 20,
  async strike(round) {
    const connection = await round.connectHttp2();
    const calls = streamIds(2 * STREAMS).map((id, at) => {
      const length = at % 2 === 0 ? 2 ** 32 - 1 : LARGEST;
      return Buffer.concat([headersFrame(id, "Echo"), frame(DATA, 0, id, envelope(FEW, 0, length))]);
    });
    await connection.send(Buffer.concat(calls));
    round.calls += 2 * STREAMS;
    await round.answered(connection, STREAMS);
  },
  // Those beyond the limit are refused at once.
  proof: { [ANSWERS]: STREAMS },
};

const lyingLengths: Attack = {
  name: "lying-lengths",
  title: "requests of 8 EiB and of 4 MiB by their content-length, of which 10 bytes come",
  strikes: 100,
  perSecond: 200,
  async strike(round, index) {
    const socket = await round.connect();
    const isBeyond = index % 2 === 0;
    const length = isBeyond ? "9223372036854775807" : `${LARGEST}`;
    socket.once("data", () => round.count("answers"));
    socket.write(`${http1Head(methodPath("Echo"), "application/proto")}content-length: ${length}\r\n\r\n`);
    socket.write(FEW);
    round.count("requests");
    round.calls += 1;
  },
  proof: { requests: 1, answers: 0.4 },
};

export const lengths: readonly Attack[] = [lyingPrefixes, lyingLengths];
