// Small messages that are large when decompressed, or that ask for a large window to be decompressed in.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { COMPRESSED, envelope } from "../../__test__/support/envelope.ts";
import type { Field, RawAnswer } from "../../__test__/support/raw-http1.ts";
import { exchangeHttp2 } from "../../__test__/support/raw-http2.ts";
import type { Attack } from "../attack.ts";
import { MIB, methodPath } from "../calls.ts";

interface Bomb extends Pick<Attack, "name" | "title"> {
  readonly encoding: string;
  readonly build: () => Buffer;
  readonly perSecond: number;
}

const zeros = (mib: number) => Buffer.alloc(mib * MIB);

/** Brotli with a window of 2 to the power of `windowBits`; above 24 it is not that of RFC 7932. */
function brotli(mib: number, windowBits: number): Buffer {
  return brotliCompressSync(zeros(mib), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_LARGE_WINDOW]: windowBits > 24 ? 1 : 0,
      [constants.BROTLI_PARAM_LGWIN]: windowBits,
      [constants.BROTLI_PARAM_LGBLOCK]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: mib * MIB,
    },
  });
}

/** A zstd frame of repeated zeros (RFC 8878 section 3.1.1), as Node 20 cannot make one. */
function zstd(mib: number, windowBits: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowBits - 10) << 3]);
  const blocks = mib * 8;
  const block = (at: number) => {
    const bytes = Buffer.alloc(4);
    const [isLast, repeats, size] = [at === blocks - 1 ? 1 : 0, 1 << 1, (128 * 1024) << 3];
    bytes.writeUIntLE(isLast | repeats | size, 0, 3);
    return bytes;
  };
  return Buffer.concat([head, ...Array.from({ length: blocks }, (_, at) => block(at))]);
}

const bombs: readonly Bomb[] = [
  { name: "gzip", title: "64 MiB as gzip", encoding: "gzip", build: () => gzipSync(zeros(64)), perSecond: 20 },
  {
    name: "brotli",
    title: "16 MiB as brotli, with the largest ordinary window",
    encoding: "br",
    build: () => brotli(16, 24),
    perSecond: 20,
  },
  {
    name: "brotli-large-window",
    title: "256 MiB as brotli, with a window of 1 GiB",
    encoding: "br",
    build: () => brotli(256, 30),
    perSecond: 2,
  },
  { name: "zstd", title: "64 MiB as zstd", encoding: "zstd", build: () => zstd(64, 23), perSecond: 20 },
  {
    name: "zstd-huge-window",
    title: "64 MiB as zstd, with a window of 2 GiB",
    encoding: "zstd",
    build: () => zstd(64, 31),
    perSecond: 20,
  },
];

/** Servers that decompress all of them need long. */
const ANSWER_MS = 20_000;

/** The ways to send a compressed message. */
const wires = [
  { contentType: "application/grpc", header: "grpc-encoding", isEnveloped: true },
  { contentType: "application/grpc-web+proto", header: "grpc-encoding", isEnveloped: true },
  { contentType: "application/proto", header: "content-encoding", isEnveloped: false },
] as const;

/** The errors that say that a message was not decompressed whole, by number and by name. */
const REFUSED = /grpc-status: ?(3|8|14)\b|"code":"(invalid_argument|resource_exhausted|unavailable)"/;

function isRefused({ headers, trailers, body }: RawAnswer): boolean {
  const fields = [...headers, ...trailers].map(([name, value]) => `${name}: ${value}`);
  return REFUSED.test([...fields, body.toString("latin1")].join("\n"));
}

/** Sends a bomb as a message of each protocol in turn. */
function bombAttack({ name, title, encoding, build, perSecond }: Bomb): Attack {
  let built: Buffer | undefined;
  const bomb = () => {
    built ??= build();
    return built;
  };
  return {
    name,
    title,
    strikes: perSecond,
    perSecond,
    prepare: bomb,
    async strike(round, index) {
      const { contentType, header, isEnveloped } = wires[index % wires.length] ?? wires[0];
      const body = isEnveloped ? envelope(bomb(), COMPRESSED) : bomb();
      round.calls += 1;
      round.countBytes(body.byteLength);
      const headers: Field[] = [
        ["content-type", contentType],
        [header, encoding],
        ["te", "trailers"],
      ];
      const request = { method: "POST", target: methodPath("Echo"), headers, body };
      const answer = await exchangeHttp2(round.port, request, { timeoutMs: ANSWER_MS });
      if (isRefused(answer)) round.count("bombs refused");
      else round.count(`bombs answered otherwise: ${answer.status} ${answer.end}`);
    },
    proof: { "bombs refused": 1 },
  };
}

export const compressionBombs = bombs.map(bombAttack);

/** For a server that accepts messages of this size. */
export const inflated = bombAttack({
  name: "gzip-400-mib",
  title: "400 MiB as gzip, which the server accepts",
  encoding: "gzip",
  build: () => gzipSync(zeros(400)),
  perSecond: 1,
});
