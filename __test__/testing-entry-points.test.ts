// The entry points and exports of @connectum/testing, which every test runner can load.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as fixtures from "@connectum/test-fixtures";
import * as root from "@connectum/testing";
import * as fastCheck from "@connectum/testing/arbitrary";
import * as parity from "@connectum/testing/parity";
import * as protofake from "@connectum/testing/protofake";

const folder = fileURLToPath(new URL("../packages/testing/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));

const PROTOFAKE = ["FakeError", "fake", "fakeService", "fakeStream"];

const CONTRACT = [
  "InMemoryMetricCollector",
  "InMemorySpanCollector",
  "MOCK_RESPONSE_HEADER",
  "TRANSPORT_METRIC_ATTRIBUTE",
  "TRANSPORT_SPAN_ATTRIBUTE",
  "createLocalClient",
  "createMockContext",
  "createTestServer",
  "mockResolver",
  "mockService",
  "withTestServer",
];

// contract: TG-names
test("the root and the subpaths export these values, and no other", () => {
  const expected = [...Object.keys(fixtures), ...CONTRACT];
  assert.equal(expected.length, 23);
  assert.deepEqual(Object.keys(root).sort(), [...expected, "recordServer", "replay"].sort());
  assert.deepEqual(Object.keys(parity).sort(), ["defaultCompare", "runTransportParity", "transportParityTest"]);
  assert.deepEqual(Object.keys(protofake).sort(), PROTOFAKE);
  assert.deepEqual(Object.keys(fastCheck), ["arbitrary"]);
});

// contract: TG-EXP-5
test("what test-fixtures has is the same at the root", () => {
  for (const [name, value] of Object.entries(fixtures)) assert.equal(Reflect.get(root, name), value, name);
});

// contract: TG-EXP-4
test("ES modules for Node 18 and newer, with types and source maps", () => {
  const { type, engines, exports, license } = manifest;
  assert.deepEqual([type, engines.node, license], ["module", ">=18", "Apache-2.0"]);
  for (const { types, import: file } of Object.values<{ types: string; import: string }>(exports)) {
    for (const path of [types, file, `${file}.map`]) assert.ok(existsSync(folder + path), path);
  }
});

// contract: TG-EXP-1
test("both load where node:test does not exist", { timeout: 30_000 }, async () => {
  const script = `
    import { register } from "node:module";
    const hook = 'export async function resolve(name, context, next) {' +
      'if (name === "node:test" || name === "test") throw new Error("there is no " + name); return next(name, context); }';
    register("data:text/javascript," + encodeURIComponent(hook));
    await import("@connectum/testing");
    const { transportParityTest } = await import("@connectum/testing/parity");
    console.log(typeof transportParityTest);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout.trim(), "function");
});

// contract: TG-EXP-2
test("the built file names node:test with its prefix", () => {
  const texts = ["parity.js", "index.js"].map((file) => readFileSync(`${folder}dist/${file}`, "utf8"));
  assert.match(texts[0] ?? "", /"node:test"/);
  assert.doesNotMatch(texts[1] ?? "", /node:test/);
});

// contract: TG-EXP-3
test("other paths of the package cannot be imported", async () => {
  for (const path of ["types", "mocks/mock-service", "dist/index.js"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/testing/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});
