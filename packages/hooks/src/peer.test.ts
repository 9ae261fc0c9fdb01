// The peer of a call, without an import of the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { callPeerOf, PEER } from "./peer.ts";

const valuesOf = (value: unknown) => ({
  contextValues: { get: (key: { id: symbol; defaultValue: unknown }) => (key.id === PEER ? value : key.defaultValue) },
});

test("the peer is read from the context values", () => {
  const peer = { transport: "unix" };
  assert.equal(callPeerOf(valuesOf(peer)), peer);
});

test("requests of clients and of other servers have none", () => {
  for (const other of [undefined, null, "127.0.0.1", {}]) assert.equal(callPeerOf(valuesOf(other)), undefined);
  assert.equal(callPeerOf({ contextValues: { get: (key) => key.defaultValue } }), undefined);
  assert.equal(callPeerOf({}), undefined);
});
