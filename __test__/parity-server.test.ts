// The servers that parity compares: the process that gets a request responds to it, or ends because of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../scripts/server-process.mjs";
import { plain } from "./parity/request.ts";
import { ServerUnderTest } from "./parity/server-under-test.ts";

test("a process that ends is attributed to the request before; the next request gets a new process", {
  timeout: 60_000,
}, async (t) => {
  let started = 0;
  const start = (_: string, args: string[]) => {
    started += 1;
    return startServer("__test__/programs/die-late.ts", args);
  };
  const server = new ServerUnderTest(start, "any", "default");
  t.after(() => server.stop());
  const bodies: (string | undefined)[] = [];
  for (let round = 0; round < 3; round += 1) {
    const alive = await server.answer(plain("GET", "/"), "1.1");
    assert.deepEqual([alive.get("end"), alive.get("status")], ["complete", "200"]);
    bodies.push(alive.get("body"));
    assert.deepEqual([...(await server.answer(plain("GET", "/die"), "1.1"))], [["end", "process died"]]);
  }
  assert.equal(new Set(bodies).size, 3, "each process answered once");
  assert.equal(started, 3);
});

test("a process that survives serves all requests", { timeout: 30_000 }, async (t) => {
  let started = 0;
  const start = (_: string, args: string[]) => {
    started += 1;
    return startServer("__test__/programs/die-late.ts", args);
  };
  const server = new ServerUnderTest(start, "any", "default");
  t.after(() => server.stop());
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await server.answer(plain("GET", "/"), "1.1")).get("status"), "200");
  }
  assert.equal(started, 1);
});
