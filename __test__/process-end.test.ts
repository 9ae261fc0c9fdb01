// A running server keeps its process alive, a stopped one does not, and process.exit() works at any time.
import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { createServer } from "@connectum/core";
import { startProgram } from "./support/program.ts";

for (const what of ["created", "started", "called", "watching its certificates"]) {
  // contract: DEC-process-ends, DEC-logger, TR-end
  test(`a process whose server was ${what} ends by itself once the server does not run`, {
    timeout: 30_000,
  }, async (t) => {
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

// The only test here with a server in its own process: in a file with others, an exit would end them unnoticed.
// contract: X12
test("no server ever exits the process, however it ends", { timeout: 10_000 }, async (t) => {
  const exit = t.mock.method(process, "exit", () => assert.fail("the process is the application's"));
  const listen = { services: [], port: 0, host: "127.0.0.1" };
  const server = createServer({ ...listen, shutdown: { autoShutdown: true, signals: ["SIGUSR2"] } });
  await server.start();
  process.emit("SIGUSR2", "SIGUSR2");
  await once(server, "stop");
  const failing = createServer(listen);
  failing.onShutdown(() => Promise.reject(new Error("hook")));
  await failing.start();
  await assert.rejects(failing.stop(), { message: "hook" });
  await assert.rejects(createServer({ ...listen, port: 70_000 }).start(), { name: "RangeError" });
  await new Promise(setImmediate);
  assert.deepEqual([exit.mock.callCount(), process.exitCode], [0, undefined]);
});
