// The pages of docs/guide with a program have its code, and show what it prints.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startExample } from "./support/program.ts";

const certificates = fileURLToPath(new URL("certificates", import.meta.url));

const programs: { page: string; args: string[]; hasOutput: boolean; others?: string[] }[] = [
  { page: "errors", args: [], hasOutput: true },
  { page: "streaming", args: [], hasOutput: true },
  { page: "tls", args: [certificates], hasOutput: false, others: ["mtls/allow.ts", "mtls/payments.ts"] },
  { page: "listening", args: [], hasOutput: true },
  { page: "health", args: [], hasOutput: true },
  { page: "authentication", args: [], hasOutput: true },
  { page: "shutdown", args: [], hasOutput: true },
  { page: "http", args: [], hasOutput: true },
  { page: "peer", args: [], hasOutput: true },
  { page: "observability", args: [], hasOutput: true, others: ["guide/traced.ts"] },
];

/** A page whose code is from more than one program. */
const SEVERAL = { page: "calling-services", program: "in-process", others: ["orders.ts", "server.ts", "buf.gen.yaml"] };

for (const { page, args, hasOutput, others = [] } of programs) {
  const text = read(`../docs/guide/${page}.md`);

  test(`docs/guide/${page}.md: its code is that of the program`, () => {
    const files = [`guide/${page}.ts`, ...others];
    const known = new Set(files.flatMap((file) => trimmedLines(read(`../examples/${file}`))));
    const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
    assert.ok(blocks.length > 0);
    assert.deepEqual(
      blocks.flatMap(trimmedLines).filter((line) => !known.has(line)),
      [],
    );
  });

  test(`examples/guide/${page}.ts runs, and prints what the page shows`, { timeout: 30_000 }, async (t) => {
    const { code, lines, stderr } = await startExample(t, `guide/${page}`, {}, args).exited;
    assert.equal(code, 0, stderr);
    const printed = lines
      .filter((line) => !/^(Server listening|Received SIGTERM|TLS reloaded)/.test(line))
      .map((line) => line.trim());
    if (!hasOutput)
      return assert.deepEqual(printed, ["Hello, Ada!", "without a certificate: refused", "now CN=server"]);
    const [, shown = ""] = /```\n(.*?)```/s.exec(text.slice(text.indexOf("The program prints:"))) ?? [];
    assert.deepEqual(printed, trimmedLines(shown));
  });
}

test("docs/guide/protofake.md: its code is that of the program, and shows what it prints", {
  timeout: 30_000,
}, async (t) => {
  const text = read("../docs/guide/protofake.md");
  const known = new Set(trimmedLines(read("../examples/validation/fakes.ts")));
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
  assert.equal(blocks.length, 7);
  assert.deepEqual(
    blocks.flatMap(trimmedLines).filter((line) => !known.has(line)),
    [],
  );
  const { code, lines, stderr } = await startExample(t, "validation/fakes").exited;
  assert.equal(code, 0, stderr);
  const [, shown = ""] = /```\n(.*?)```/s.exec(text.slice(text.indexOf("The program prints:"))) ?? [];
  assert.deepEqual(lines, trimmedLines(shown));
});

test("docs/guide/validation.md: its code is that of examples/validation, and buf.yaml names the module", () => {
  const text = read("../docs/guide/validation.md");
  const files = ["server.ts", "client.ts", "proto/orders.proto", "buf.gen.yaml"];
  const known = new Set(files.flatMap((file) => trimmedLines(read(`../examples/validation/${file}`))));
  const blocks = [...text.matchAll(/```(?:ts|proto|yaml)\n(.*?)```/gs)].map(([, code]) => code ?? "");
  assert.equal(blocks.length, 5);
  const strange = blocks.flatMap(trimmedLines).filter((line) => !known.has(line));
  // There the plugin is started by Node, and the module is in the repository.
  assert.deepEqual(strange, [
    ...["modules:", "- path: proto", "deps:", "- buf.build/bufbuild/protovalidate", "- local: protoc-gen-es"],
  ]);
});

test("docs/guide/browsers.md: its code is that of examples/web, which npm run browser runs", () => {
  const text = read("../docs/guide/browsers.md");
  const known = new Set(["server.ts", "page/page.ts"].flatMap((file) => trimmedLines(read(`../examples/web/${file}`))));
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
  assert.equal(blocks.length, 5);
  assert.deepEqual(
    blocks.flatMap(trimmedLines).filter((line) => !known.has(line)),
    [],
  );
});

test(`docs/guide/${SEVERAL.page}.md: its code is that of the programs, and one prints what the page shows`, {
  timeout: 30_000,
}, async (t) => {
  const { page, program, others } = SEVERAL;
  const text = read(`../docs/guide/${page}.md`);
  const files = [`guide/${program}.ts`, ...others.map((file) => `catalog/${file}`)];
  const known = new Set(files.flatMap((file) => trimmedLines(read(`../examples/${file}`))));
  const blocks = [...text.matchAll(/```(?:ts|yaml)\n(.*?)```/gs)].map(([, code]) => code ?? "");
  assert.ok(blocks.length > 4);
  assert.deepEqual(
    blocks.flatMap(trimmedLines).filter((line) => !known.has(line)),
    // There the plugins are started by Node.
    ["- local: protoc-gen-es", "- local: protoc-gen-connectum-catalog"],
  );
  const { code, lines, stderr } = await startExample(t, `guide/${program}`, {}, []).exited;
  assert.equal(code, 0, stderr);
  const [, shown = ""] = /```\n(.*?)```/s.exec(text.slice(text.indexOf("The program prints:"))) ?? [];
  assert.deepEqual(
    lines.map((line) => line.trim()),
    trimmedLines(shown),
  );
});

test("docs/guide/testing.md: its code is that of examples/testing, whose tests pass", { timeout: 60_000 }, async () => {
  const text = read("../docs/guide/testing.md");
  const folder = fileURLToPath(new URL("../examples/testing/", import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  const known = new Set(files.flatMap((file) => trimmedLines(read(`../examples/testing/${file}`))));
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
  assert.ok(blocks.length > 10);
  assert.deepEqual(
    blocks.flatMap(trimmedLines).filter((line) => !known.has(line)),
    [],
  );
  // In one process, which takes a tenth of the time.
  const tests = files.filter((file) => file.endsWith(".test.ts"));
  const program = tests.map((file) => `await import(${JSON.stringify(`./${file}`)});`).join("\n");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--test-reporter=tap", "--input-type=module", "--eval", program],
    { cwd: folder, env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  assert.match(stdout, /^# fail 0$/m);
  assert.match(stdout, /^# pass 18$/m);
});

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

function trimmedLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
