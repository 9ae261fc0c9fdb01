// Connections that are opened, and then silent.
import { PREFACE } from "../../__test__/support/http2-frames.ts";
import type { Attack } from "../attack.ts";

/** The beginning of a TLS record that would have a ClientHello of 512 bytes. */
const HALF_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);

const silences: readonly (Pick<Attack, "name" | "title" | "tls"> & { readonly said: Buffer })[] = [
  { name: "silence", title: "connections on which nothing is said", said: Buffer.alloc(0) },
  { name: "silence-in-handshake", title: "half a ClientHello", tls: true, said: HALF_HELLO },
  { name: "half-preface", title: "half of HTTP/2's preface", said: PREFACE.subarray(0, 12) },
];

export const silence = silences.map(
  ({ said, ...attack }): Attack => ({
    ...attack,
    strikes: 300,
    perSecond: 1_000,
    async strike(round) {
      const socket = await round.connect();
      if (said.length > 0) socket.write(said);
      round.count("silent connections");
    },
    proof: { "silent connections": 1 },
  }),
);
