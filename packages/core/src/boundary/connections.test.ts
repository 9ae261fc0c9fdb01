// What is kept of connections: fetched once for each, and for no more than the last 1,024 that were asked about.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Connections } from "./connections.ts";
import type { NativeEnds, NativePeer } from "./native.ts";

/** A native side: calls 10 to 19 are of connection 1, 20 to 29 of connection 2, and so on. Calls below 10 are over. */
function connecting() {
  const fetched: number[] = [];
  const connection = (call: number) => Math.floor(call / 10);
  const peer = (call: number): NativePeer | null => {
    if (call < 10) return null;
    fetched.push(connection(call));
    const nobody = { path: null, pid: null, uid: null, gid: null };
    const ends: NativeEnds = { ...nobody, address: "a", port: connection(call), localAddress: "b", localPort: 1 };
    return { ends, proxy: null, tls: null, isTrustedProxy: false };
  };
  return { connections: new Connections({ connection, peer }), fetched };
}

test("the calls of a connection share what was fetched once", () => {
  const { connections, fetched } = connecting();
  assert.equal(connections.of(10), connections.of(11));
  assert.equal(connections.of(20)?.ends.port, 2);
  assert.equal(connections.of(12)?.ends.port, 1);
  assert.deepEqual(fetched, [1, 2]);
});

test("of a call that is over there is nothing, and that is not kept", () => {
  const { connections, fetched } = connecting();
  assert.deepEqual([connections.of(5), connections.of(5)], [undefined, undefined]);
  assert.deepEqual(fetched, []);
});

test("the oldest of more than 1,024 connections is fetched again", () => {
  const { connections, fetched } = connecting();
  for (let number = 1; number <= 1025; number++) connections.of(number * 10);
  for (const number of [2, 1025, 1]) connections.of(number * 10);
  assert.deepEqual(fetched.slice(1024), [1025, 1]);
});
