// docs/guide/getting-started.md, word for word, in an empty folder: its files, its commands, its answer.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { ensureGrpcurl } from "../../scripts/grpcurl.mjs";
import { startRegistry } from "../../scripts/registry.mjs";
import { capture, root } from "../../scripts/run.mjs";
import { ensureNpm, type Runtime } from "../../scripts/runtime.mjs";
import type { Check } from "../check.ts";

const guide = readFileSync(join(root, "docs/guide/getting-started.md"), "utf8");
const PORT = "5000";

export const gettingStarted: Check = {
  name: "the guide for getting started",
  async run({ runtime, folder: place }) {
    const [manager = ""] = runtime.name.split(" ");
    const folder = mkdtempSync(join(place, "getting-started-"));
    const registry = await startRegistry(join(place, "../tarballs"));
    // Caches know packages by name and version, and ours change without a new one.
    const caches = { BUN_INSTALL_CACHE_DIR: join(folder, ".cache"), DENO_DIR: join(folder, ".cache") };
    const env = {
      ...process.env,
      ...caches,
      PATH: [await programs(folder, runtime), process.env["PATH"]].join(delimiter),
    };
    try {
      writeFileSync(join(folder, ".npmrc"), registry.npmrc);
      const port = `${await freePort()}`;
      for (const [path, text] of files()) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text.replaceAll(PORT, port));
      }
      const commands = commandsAfter(`With ${manager}:`);
      const server = commands.pop() ?? "";
      for (const command of commands) {
        const { code, stdout, stderr } = await shell(command, folder, env);
        assert.equal(code, 0, `${command}: ${stdout} ${stderr}`);
      }
      assert.equal((await capture("npx", ["tsc"], { cwd: folder })).stdout, "", "tsc");
      await serve(server, folder, env, async () => {
        const [grpcurl = "", ...args] = commandsAfter("because the server has reflection:");
        assert.deepEqual(args, []);
        const asked = grpcurl.replace("grpcurl", await ensureGrpcurl()).replaceAll(PORT, port);
        const { stdout, stderr } = await shell(asked, folder, env);
        assert.deepEqual(JSON.parse(stdout || "{}"), { greeting: "Hello, Ada!" }, stderr);
      });
    } finally {
      registry.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** The files of the guide: a line that begins with a name, and the block after it. */
function files(): [string, string][] {
  const blocks = guide.matchAll(/^\*\*([\w./]+)\*\*[^\n]*(?:\n[^\n]+)*\n\n```\w+\n([\s\S]*?)^```/gm);
  return [...blocks].map(([, path = "", text = ""]) => [path, text]);
}

/** The lines of the block of commands after a sentence. */
function commandsAfter(sentence: string): string[] {
  const [, after = ""] = guide.split(sentence);
  const [, block = ""] = /^\n\n```sh\n([\s\S]*?)^```/m.exec(after) ?? [];
  return block.trim().split("\n");
}

/** A folder in which the runtime has the name that the guide calls it by; Node 18 with its own npm. */
async function programs(folder: string, { name, program }: Runtime): Promise<string> {
  const bin = join(folder, ".bin");
  mkdirSync(bin);
  const command = name.split(" ")[0]?.toLowerCase() ?? "";
  writeFileSync(join(bin, command), `#!/bin/sh\nexec "${program}" "$@"\n`, { mode: 0o755 });
  if (name === "Node 18") {
    const npm = await ensureNpm("10");
    writeFileSync(join(bin, "npm"), `#!/bin/sh\nexec "${program}" "${npm}" "$@"\n`, { mode: 0o755 });
  }
  return bin;
}

function shell(command: string, cwd: string, env: NodeJS.ProcessEnv) {
  return capture("sh", ["-c", command], { cwd, env, timeoutMs: 180_000 });
}

/** Runs the server while it is called. It has to end with 0 after SIGTERM. */
async function serve(command: string, cwd: string, env: NodeJS.ProcessEnv, use: () => Promise<void>): Promise<void> {
  const child = spawn("sh", ["-c", `exec ${command}`], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  try {
    const lines = createInterface(child.stdout);
    const listening = new Promise<boolean>((resolve) => {
      lines.on("line", (line) => line.startsWith("Server listening") && resolve(true));
    });
    assert.equal(await Promise.race([listening, ended]), true, "it does not listen");
    await use();
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("there is no port");
  return address.port;
}
