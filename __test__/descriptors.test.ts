// A process without free file descriptors serves open connections, new ones wait, and no thread spins.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";

/** Node itself uses about 30, and more while it loads modules. */
const DESCRIPTORS = 160;
const CONNECTIONS = 250;
const TICKS_A_SECOND = 100;

/** The CPU time of a process, in milliseconds. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_A_SECOND;
}

test("without free descriptors accepting pauses, and open connections are served", {
  timeout: 60_000,
  skip: process.platform !== "linux" && "reads /proc",
}, async (t) => {
  const program = fileURLToPath(new URL("programs/reuse-port.ts", import.meta.url));
  const limited = `ulimit -n ${DESCRIPTORS} && exec "$0" --import tsx "$1" 0`;
  const child = spawn("sh", ["-c", limited, process.execPath, program], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const { pid = assert.fail("it runs") } = child;
  let port: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    port = /^port (\d+)$/.exec(line)?.[1];
    if (port !== undefined) break;
  }
  const baseUrl = `http://127.0.0.1:${port}`;
  const early = createClient(EchoService, createGrpcTransport({ baseUrl }));
  assert.equal((await early.echo({})).index, pid);

  const sockets = Array.from({ length: CONNECTIONS }, () => connect(Number(port), "127.0.0.1").on("error", () => {}));
  t.after(() => sockets.forEach((socket) => void socket.destroy()));
  // The kernel accepts all of them, but the process cannot.
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const late = createClient(EchoService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
  await assert.rejects(late.echo({}, { timeoutMs: 500 }), { code: Code.DeadlineExceeded });
  const cpuBefore = cpuOf(pid);
  await sleep(1_000); // The time that CPU time is measured over.
  const cpu = cpuOf(pid) - cpuBefore;
  assert.ok(cpu < 300, `waiting costs ${cpu} ms of CPU time a second`);
  assert.equal((await early.echo({})).index, pid, "open connections are served");

  for (const socket of sockets) socket.destroy();
  assert.equal(
    (await late.echo({}, { timeoutMs: 5_000 })).index,
    pid,
    "a waiting connection is served when others have closed",
  );
});
