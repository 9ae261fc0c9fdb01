// A server holds its process while it runs, not longer, and lets it end at any time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "./support/program.ts";

for (const what of ["created", "started", "called"]) {
  // contract: DEC-process-ends, DEC-logger
  test(`a process ends by itself when its server was ${what} and does not run`, { timeout: 30_000 }, async (t) => {
    const program = startProgram(t, "idle-after-stop", [what]);
    await program.line(/^done/);
    const before = performance.now();
    const { code, signal, stderr } = await program.exited;
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: "" });
    assert.ok(performance.now() - before < 3_000, "at once");
  });
}

for (const from of ["handler", "microtask", "timer", "stop"]) {
  test(`process.exit from a ${from}, with calls in flight, ends with its code`, { timeout: 30_000 }, async (t) => {
    const program = startProgram(t, "exit-in-flight", [from]);
    await program.line(/^all begun/);
    const before = performance.now();
    const { code, signal, stderr } = await program.exited;
    assert.deepEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: "" });
    assert.ok(performance.now() - before < 3_000, "at once");
  });
}

test("an uncaught exception ends the process, calls in flight or not", { timeout: 30_000 }, async (t) => {
  const { code, signal, stderr } = await startProgram(t, "exit-in-flight", ["uncaught"]).exited;
  assert.deepEqual([code, signal], [1, null]);
  assert.match(stderr, /Error: the process's/);
});
