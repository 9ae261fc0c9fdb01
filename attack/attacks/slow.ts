// Clients that are slow: in sending a head, in sending a body, in reading.
import { once } from "node:events";
import { echoRequest } from "../../__test__/support/echo-request.ts";
import { envelope } from "../../__test__/support/envelope.ts";
import { DATA, frame, headersFrame, uint32, WINDOW_UPDATE } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";
import { http1Call, http1Head, KIB, methodPath, unaryCall } from "../calls.ts";
import { ANSWERS } from "../round.ts";

const EVERY_MS = 50;
const DROPS = "drops";
const RECEIVED = "answers begun over HTTP/1.1";

/** A stream of 1 MiB, more than sockets and windows hold. */
const large = { count: 128, payload: new Uint8Array(8 * KIB) };
/** The rate of readers is lower, as their responses cost the server something by right. */
const senders = { strikes: 100, perSecond: 1_000 };
const readers = { strikes: 50, perSecond: 100 };

export const slow: readonly Attack[] = [
  {
    name: "slow-head",
    title: "a head over HTTP/1.1, byte by byte",
    ...senders,
    async strike(round) {
      const socket = await round.connect();
      socket.write(http1Head(methodPath("Echo"), "application/proto"));
      round.repeat(EVERY_MS, () => {
        socket.write("x");
        round.count(DROPS);
      });
    },
    proof: { [DROPS]: 1 },
  },
  {
    name: "slow-body-http1",
    title: "a body over HTTP/1.1, byte by byte",
    ...senders,
    async strike(round) {
      const socket = await round.connect();
      socket.write(`${http1Head(methodPath("Echo"), "application/proto")}content-length: 100000\r\n\r\n`);
      round.calls += 1;
      round.repeat(EVERY_MS, () => {
        socket.write("x");
        round.count(DROPS);
      });
    },
    proof: { [DROPS]: 1 },
  },
  {
    name: "slow-body-http2",
    title: "a body over HTTP/2, byte by byte",
    ...senders,
    async strike(round) {
      const connection = await round.connectHttp2();
      await connection.send(headersFrame(1, "Echo"));
      await connection.send(frame(DATA, 0, 1, envelope(Buffer.alloc(1), 0, 100_000)));
      round.calls += 1;
      round.repeat(EVERY_MS, () => {
        void connection.send(frame(DATA, 0, 1, Buffer.alloc(1)));
        round.count(DROPS);
      });
    },
    proof: { [DROPS]: 1 },
  },
  {
    name: "slow-read-http1",
    title: "a response of 1 MiB over HTTP/1.1 that is not read behind its head",
    ...readers,
    async strike(round) {
      const socket = await round.connect();
      socket.write(http1Call(methodPath("EchoServerStream"), "application/connect+proto", echoRequest(large)));
      round.calls += 1;
      await once(socket, "data");
      socket.pause();
      round.count(RECEIVED);
    },
    proof: { [RECEIVED]: 1 },
  },
  {
    name: "slow-read-http2",
    title: "a response of 1 MiB over HTTP/2 that is read by the KiB",
    ...readers,
    async strike(round) {
      const connection = await round.connectHttp2();
      await connection.send(unaryCall(1, "EchoServerStream", echoRequest(large)));
      round.calls += 1;
      await round.answered(connection, 1);
      const update = [0, 1].map((id) => frame(WINDOW_UPDATE, 0, id, uint32(KIB)));
      round.repeat(EVERY_MS, () => {
        void connection.send(Buffer.concat(update));
        round.count(DROPS);
      });
    },
    proof: { [ANSWERS]: 1, [DROPS]: 0.5 },
  },
];
