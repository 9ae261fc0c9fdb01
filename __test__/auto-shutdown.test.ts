// Process signals stop a server with autoShutdown, and the process then ends by itself.
import assert from "node:assert/strict";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { createServer } from "@connectum/core";
import { type Program, startProgram } from "./support/program.ts";

const listen = { services: [], port: 0, host: "127.0.0.1" } as const;

async function running(t: TestContext, args: string[]): Promise<{ program: Program; call: () => Promise<Response> }> {
  const program = startProgram(t, "auto-shutdown", args);
  const port = (await program.line(/^running/)).split(" ")[1];
  const url = `http://127.0.0.1:${port}/connectum.test.v1.EchoService/Echo`;
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  return { program, call: () => fetch(url, request) };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  // contract: A2, O-shutdown, X12
  test(`${signal}: the call in flight succeeds, then the process ends`, { timeout: 30_000 }, async (t) => {
    const { program, call } = await running(t, ["100"]);
    const response = call();
    await program.line(/^call begins/);
    program.kill(signal);
    assert.equal((await response).status, 200);
    const { lines, ...exit } = await program.exited;
    assert.deepEqual(exit, { code: 0, signal: null, stderr: "" });
    assert.deepEqual(lines.slice(-4), [
      `Received ${signal}, initiating graceful shutdown...`,
      "stopping",
      "call ends",
      "stop",
    ]);
  });
}

// contract: A3
test("a second signal has its default action: the process dies", { timeout: 30_000 }, async (t) => {
  const { program, call } = await running(t, ["20000"]);
  const response = call();
  await program.line(/^call begins/);
  program.kill("SIGTERM");
  await program.line(/^stopping/);
  program.kill("SIGTERM");
  await assert.rejects(response, { name: "TypeError", message: "fetch failed" });
  const { code, signal } = await program.exited;
  assert.deepEqual([code, signal], [null, "SIGTERM"]);
});

// contract: A4, X10
test("hooks that fail after a signal: the log names each, and the process ends with 1", {
  timeout: 30_000,
}, async (t) => {
  const { program } = await running(t, ["0", "failing"]);
  program.kill("SIGTERM");
  const { lines, ...exit } = await program.exited;
  const { stderr, ...end } = exit;
  assert.deepEqual(end, { code: 1, signal: null });
  const errors = stderr.split("\n").filter((line) => line.includes("failed"));
  assert.deepEqual(errors.sort(), [
    "a shutdown hook without a name failed Error: it failed too",
    'the shutdown hook "database" failed Error: hook failed',
  ]);
  assert.deepEqual(lines.slice(-4), [
    "Received SIGTERM, initiating graceful shutdown...",
    "stopping",
    "error it failed too",
    "stop",
  ]);
});

// contract: A1, A3, A5
test("signals are handled only while a server with autoShutdown runs", { timeout: 10_000 }, async () => {
  const signals = ["SIGUSR2", "SIGHUP"] as const;
  const watched = () => signals.map((signal) => process.listenerCount(signal));
  const before = watched();
  const [first = 0, second = 0] = before;
  const seen: Record<string, number[]> = {};
  const silent = () => {};
  // Whoever waits for the line that the server listens may send a signal at once.
  const info = (text: string) => {
    if (text.startsWith("Server listening")) seen["line"] = watched();
  };
  const logger = { debug: silent, info, warn: silent, error: silent };
  const server = createServer({ ...listen, logger, shutdown: { autoShutdown: true, signals: [...signals] } });
  for (const event of ["start", "ready", "stopping", "stop"] as const) {
    server.on(event, () => {
      seen[event] = watched();
    });
  }
  await server.start();
  const stopping = server.stop();
  assert.deepEqual(watched(), before, "removed as soon as it stops");
  await stopping;
  const both = [first + 1, second + 1];
  assert.deepEqual(seen, { start: before, line: both, ready: both, stopping: both, stop: before });
});

// contract: A1, O-shutdown
test("without autoShutdown no signal is handled", { timeout: 10_000 }, async () => {
  const before = process.listenerCount("SIGUSR2");
  const server = createServer({ ...listen, shutdown: { signals: ["SIGUSR2"] } });
  await server.start();
  assert.equal(process.listenerCount("SIGUSR2"), before);
  await server.stop();
});
