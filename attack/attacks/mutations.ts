// Random mutations of valid requests: bytes on the wire, of each protocol and each version of HTTP that it has.
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { echoRequest } from "../../__test__/support/echo-request.ts";
import { COMPRESSED, envelope } from "../../__test__/support/envelope.ts";
import {
  callFields,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  GOAWAY,
  HEADERS,
  headerBlock,
  RST_STREAM,
  uint32,
  WINDOW_UPDATE,
} from "../../__test__/support/http2-frames.ts";
import { chunked, type Field, http1Request } from "../../__test__/support/raw-http1.ts";
import type { Attack } from "../attack.ts";
import { methodPath } from "../calls.ts";
import { mutated, randomFrom } from "../mutation.ts";
import type { Round } from "../round.ts";

/** A call of any protocol. */
interface ValidCall {
  readonly method: string;
  readonly type: string;
  readonly fields?: readonly Field[];
  readonly body: Buffer;
}

const message = echoRequest({ text: "hello", count: 3, payload: new Uint8Array(20) });
const bare = message.subarray(5);
const compressed = envelope(gzipSync(bare), COMPRESSED);
const gzip: Field = ["grpc-encoding", "gzip"];
const timeout: Field = ["grpc-timeout", "5S"];
const twice = Buffer.concat([message, message]);

const grpc = "application/grpc";
const grpcWeb = "application/grpc-web+proto";
const connect = "application/connect+proto";
const json = Buffer.from('{"text":"hello","count":3,"payload":"AAAA"}');

const calls: Record<string, readonly ValidCall[]> = {
  grpc: [
    { method: "Echo", type: grpc, fields: [timeout], body: message },
    { method: "Echo", type: grpc, fields: [gzip], body: compressed },
    { method: "EchoServerStream", type: grpc, body: message },
    { method: "EchoClientStream", type: grpc, body: twice },
    { method: "EchoBidiStream", type: "application/grpc+proto", fields: [["x-a-bin", "AAAA"]], body: twice },
  ],
  "grpc-web": [
    { method: "Echo", type: grpcWeb, fields: [timeout], body: message },
    { method: "Echo", type: grpcWeb, fields: [gzip], body: compressed },
    { method: "Echo", type: "application/grpc-web-text", body: Buffer.from(message.toString("base64")) },
    { method: "EchoServerStream", type: grpcWeb, body: message },
    { method: "EchoClientStream", type: grpcWeb, body: twice },
  ],
  connect: [
    { method: "Echo", type: "application/proto", fields: [["connect-timeout-ms", "5000"]], body: bare },
    { method: "Echo", type: "application/json", body: json },
    { method: "Echo", type: "application/proto", fields: [["content-encoding", "gzip"]], body: gzipSync(bare) },
    { method: "EchoServerStream", type: connect, body: message },
    { method: "EchoClientStream", type: "application/connect+json", body: envelope(json) },
  ],
};

function overHttp1({ method, type, fields = [], body }: ValidCall, coding: "length" | "chunks"): Buffer {
  const headers: Field[] = [["host", "a"], ["content-type", type], ...fields];
  const request = { method: "POST", target: methodPath(method), headers };
  if (coding === "length") return http1Request({ ...request, body });
  const head = http1Request({ ...request, headers: [...headers, ["transfer-encoding", "chunked"]] });
  return Buffer.concat([head, chunked(body)]);
}

/** The frames behind the preface. */
function overHttp2({ method, type, fields = [], body }: ValidCall): Buffer {
  const head = callFields(method).map(([name, value]): Field => [name, name === "content-type" ? type : value]);
  return Buffer.concat([
    frame(HEADERS, END_HEADERS, 1, headerBlock([...head, ...fields])),
    frame(WINDOW_UPDATE, 0, 0, uint32(1_000_000)),
    frame(DATA, END_STREAM, 1, body),
  ]);
}

const query = new URLSearchParams({ connect: "v1", encoding: "json", message: json.toString() });
const get = http1Request({ method: "GET", target: `${methodPath("EchoGet")}?${query}`, headers: [["host", "a"]] });

/** A valid request on the wire. */
interface Sample {
  readonly version: 1 | 2;
  readonly bytes: Buffer;
}

const sample = (version: 1 | 2) => (bytes: Buffer) => ({ version, bytes });

const samples: Record<string, readonly Sample[]> = Object.fromEntries(
  Object.entries(calls).map(([protocol, all]) => {
    const http1 =
      protocol === "grpc" ? [] : all.flatMap((call) => [overHttp1(call, "length"), overHttp1(call, "chunks")]);
    if (protocol === "connect") http1.push(get);
    return [protocol, [...http1.map(sample(1)), ...all.map(overHttp2).map(sample(2))]];
  }),
);

/** Five rounds make the 10,000 of a protocol. */
const STRIKES = 2_000;
/** A server that has not reacted by then waits for the rest. */
const REACTION_MS = 30;
const REACTIONS = "reactions";
const reactions = [HEADERS, RST_STREAM, GOAWAY];

const mutationsOf = (protocol: string, all: readonly Sample[]): Attack => ({
  name: `mutations-${protocol}`,
  title: `mutations of ${all.length} valid requests`,
  strikes: STRIKES,
  perSecond: STRIKES,
  async strike(round, index) {
    const { version, bytes } = all[index % all.length] ?? { version: 1, bytes: Buffer.alloc(0) };
    // Every one can be repeated alone.
    const changed = mutated(bytes, randomFrom(round.seed + index));
    const { socket, hasReacted } = version === 1 ? await openHttp1(round) : await openHttp2(round);
    socket.write(changed);
    round.count("mutations");
    round.calls += 1;
    const until = performance.now() + REACTION_MS;
    while (!socket.destroyed && !hasReacted() && performance.now() < until) await sleep(2); // There is no event.
    if (socket.destroyed || hasReacted()) round.count(REACTIONS);
    // Without TIME_WAIT, as there are many.
    socket.resetAndDestroy();
  },
  // Most are refused, and some wait for the rest.
  proof: { mutations: 1, [REACTIONS]: 0.3 },
});

async function openHttp1(round: Round) {
  const socket = await round.connect();
  socket.resume();
  return { socket, hasReacted: () => socket.bytesRead > 0 };
}

async function openHttp2(round: Round) {
  const { socket, frames } = await round.connectHttp2();
  return { socket, hasReacted: () => frames.some(({ type }) => reactions.includes(type)) };
}

export const mutations = Object.entries(samples).map(([protocol, all]) => mutationsOf(protocol, all));
