// examples/migrating: the guide quotes its programs, and one client gets the same from all of its servers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { freePort } from "./support/ports.ts";
import { startExample } from "./support/program.ts";

const folder = new URL("../examples/migrating/", import.meta.url);

test("docs/guide/migrating.md quotes the programs", () => {
  const guide = readFileSync(new URL("../docs/guide/migrating.md", import.meta.url), "utf8");
  const blocks = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  assert.equal(blocks.length, 4);
  const programs = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const texts = programs.map((name) => readFileSync(new URL(name, folder), "utf8"));
  for (const block of blocks) {
    assert.ok(
      texts.some((text) => text.includes(block)),
      `no program has these lines:\n${block}`,
    );
  }
});

for (const name of ["before-grpc-js", "before-connect-node", "after"]) {
  test(`examples/migrating/${name}.ts: what the client gets, and an orderly end`, { timeout: 30_000 }, async (t) => {
    const port = await freePort();
    const server = startExample(t, `migrating/${name}`, { LISTEN: "127.0.0.1" }, [`${port}`]);
    await server.line(/^Server listening/);
    const client = await startExample(t, "migrating/client", {}, [`127.0.0.1:${port}`]).exited;
    assert.equal(client.code, 0, client.stderr);
    assert.deepEqual(client.lines, [
      "language: en",
      "Hello, Ada!",
      "greeted for: Grace",
      "INVALID_ARGUMENT: name is missing",
      "Hello, Ada and Grace!",
      "Hello, Ada!",
      "Hello, Grace!",
      "Good day, Ada!",
      "Good day, Ada!",
      "CANCELLED",
    ]);
    await server.line(/^the client has left$/);
    server.kill("SIGTERM");
    const { code, signal } = await server.exited;
    assert.deepEqual([code, signal], [0, null]);
  });
}
