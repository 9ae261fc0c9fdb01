// The TypeScript of the packages' READMEs: each block compiles when it is pasted into a file of its own, and runs.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { certificatePath } from "./support/certificates.ts";
import { freePort } from "./support/ports.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A project as a reader has it: the packages, generated code, and the routes that every block imports. */
const project = mkdtempSync(join(tmpdir(), "connectum-readme-"));
after(() => rmSync(project, { recursive: true, force: true }));
symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
mkdirSync(join(project, "gen"));
cpSync(join(root, "examples/hello/gen/greeter_pb.ts"), join(project, "gen/greeter_pb.ts"));
const routes = readFileSync(join(root, "examples/quickstart/routes.ts"), "utf8");
writeFileSync(join(project, "routes.ts"), routes.replace("#gen/", "./gen/"));
cpSync(join(root, "examples/quickstart/tsconfig.json"), join(project, "tsconfig.json"));
writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));

/** One block: its file in the project, and where it comes from. */
interface Block {
  readonly file: string;
  readonly from: string;
}

const blocks = readdirSync(join(root, "packages")).flatMap((name) => {
  const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""], index): Block => {
    const file = join(project, `${name}-${index + 1}.ts`);
    // Of any port, as other tests have their servers at the same time.
    writeFileSync(file, code.replace("port: 5000", "port: 0").replace(".listen(8080)", ".listen(0)"));
    return { file, from: `packages/${name}/README.md, block ${index + 1}` };
  });
});

test("every block compiles", { timeout: 60_000 }, async () => {
  assert.ok(blocks.length >= 18, `there are ${blocks.length}`);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "--project", project], { cwd: project });
  const { stdout } = await run.catch((failed: { stdout: string }) => failed);
  assert.equal(stdout, "");
});

for (const { file, from } of blocks) {
  test(`${from} runs: it ends without an error, or serves until it is told to stop`, { timeout: 30_000 }, async (t) => {
    const child = spawn(process.execPath, ["--import", "tsx", basename(file)], {
      cwd: project,
      env: {
        ...process.env,
        LISTEN: "127.0.0.1",
        PORT: `${await freePort()}`,
        TLS_CERT: certificatePath("server.crt"),
        TLS_KEY: certificatePath("server.key"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    const closed = once(child, "close");
    const stopping = new AbortController();
    // A server says when it listens; those of node:http do not.
    const listening = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => chunk.includes("Server listening") && resolve());
    });
    const patience = sleep(4_000, undefined, { signal: stopping.signal }).catch(() => {});
    await Promise.race([closed, listening, patience]);
    stopping.abort();
    if (child.exitCode === null) child.kill("SIGTERM");
    const [code, signal] = await closed;
    assert.ok(code === 0 || signal === "SIGTERM", `${code}: ${await errors}`);
    assert.doesNotMatch(await errors, /^(?:\w*Error|node:)/m);
    assert.doesNotMatch(await output, /Error/);
  });
}
