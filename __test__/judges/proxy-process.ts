// A proxy in a process of its own, with a configuration in a file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import { freePort, isOpen } from "../support/ports.ts";

interface Proxy {
  readonly program: string;
  /** Its arguments, given a folder for its files and the file of its configuration. */
  args(folder: string, file: string): string[];
  /** The configuration that forwards from a port to another. */
  configuration(port: number, upstream: number, folder: string): string;
}

/** Starts it on a free port; it is killed at the end of the test. Resolves to the port. */
export async function startProxy(t: TestContext, proxy: Proxy, upstream: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), `${proxy.program}-`));
  const file = join(folder, "configuration");
  const port = await freePort();
  writeFileSync(file, proxy.configuration(port, upstream, folder));
  const child = spawn(proxy.program, proxy.args(folder, file), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  t.after(() => {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  });
  const listens = async () => {
    assert.equal(child.exitCode, null, `${proxy.program} has ended:\n${output}`);
    return isOpen(port);
  };
  await eventually(listens, `${proxy.program} listens`);
  return port;
}
