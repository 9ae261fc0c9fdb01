// A release publishes each package after what it needs, and a release that stopped half-way can be run again.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publishOrder } from "../scripts/publish-order.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "connectum-publish-"));
after(() => rmSync(folder, { recursive: true }));

const version = "0.2.0";
const health = { name: "@connectum/healthcheck", version, peerDependencies: { "@connectum/core": version } };
const core = { name: "@connectum/core", version, dependencies: { "@connectum/native": version, zod: "^4.0.0" } };
const native = { name: "@connectum/native", version, optionalDependencies: { "@connectum/native-linux": version } };
const linux = { name: "@connectum/native-linux", version };

test("a package comes after those that it depends on, optionally or as a peer", () => {
  assert.deepEqual(publishOrder([health, core, native, linux]), [linux, native, core, health]);
});

for (const [what, manifests, message] of [
  ["a needed package is missing", [core], "@connectum/core needs @connectum/native@0.2.0, and there is none."],
  [
    "a needed package has another version",
    [native, { ...linux, version: "0.1.0" }],
    "@connectum/native needs @connectum/native-linux@0.2.0, and there is 0.1.0.",
  ],
  [
    "packages need each other",
    [core, { ...native, optionalDependencies: { "@connectum/core": version } }],
    "@connectum/core needs @connectum/native needs @connectum/core: a circle.",
  ],
] as const) {
  test(`nothing is published when ${what}`, () => {
    assert.throws(() => publishOrder<(typeof manifests)[number]>(manifests), { message });
  });
}

test("a release that failed half-way publishes the rest when it is run again", { timeout: 120_000 }, async () => {
  const registry = await startRegistry();
  for (const manifest of [native, linux]) await pack(manifest);
  const env = { ...process.env, npm_config_registry: registry.url, NPM_TOKEN: "token" };
  const publish = () => run(process.execPath, [join(root, "scripts/publish.mjs"), join(folder, "tarballs")], { env });
  try {
    registry.refuses = native.name;
    await assert.rejects(publish(), /npm publish .* failed/);
    assert.deepEqual([...registry.published.keys()], [linux.name]);
    registry.refuses = undefined;
    const { stdout } = await publish();
    assert.deepEqual([...registry.published.keys()], [linux.name, native.name]);
    assert.match(stdout, /^@connectum\/native-linux@0\.2\.0 is published already$/m);
    assert.match(stdout, /^all 2 packages are published$/m);
  } finally {
    registry.close();
  }
});

/** A tarball of a package with nothing but its manifest. */
async function pack(manifest: { readonly name: string }): Promise<void> {
  for (const path of ["package", "tarballs"]) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "package/package.json"), JSON.stringify(manifest));
  await run("tar", ["-czf", `tarballs/${basename(manifest.name)}.tgz`, "package"], { cwd: folder });
}

/** A registry that takes what has not been published, except for one package, and only with the token. */
async function startRegistry() {
  const published = new Map<string, unknown>();
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(request.url ?? "").slice(1);
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") {
      const packument = published.get(name);
      response.writeHead(packument === undefined ? 404 : 200).end(JSON.stringify(packument ?? { error: "not found" }));
      return;
    }
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk);
    const isAllowed =
      request.headers.authorization === "Bearer token" && !published.has(name) && name !== state.refuses;
    if (isAllowed) published.set(name, JSON.parse(Buffer.concat(body).toString()));
    response.writeHead(isAllowed ? 201 : 403).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const url = `http://127.0.0.1:${address.port}/`;
  const state = { url, published, refuses: undefined as string | undefined, close: () => server.close() };
  return state;
}
