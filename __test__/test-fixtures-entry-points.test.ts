// The entry points and exports of @connectum/test-fixtures, which every test runner can load.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as root from "@connectum/test-fixtures";
import * as types from "@connectum/test-fixtures/types";

const folder = fileURLToPath(new URL("../packages/test-fixtures/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));

// contract: FX-names
test("the root exports these values, and no other; the subpath has types only", () => {
  assert.deepEqual(Object.keys(root).sort(), [
    "assertConnectError",
    "createFakeMethod",
    "createFakeService",
    "createMockDescField",
    "createMockDescMessage",
    "createMockDescMethod",
    "createMockFn",
    "createMockNext",
    "createMockNextError",
    "createMockNextSlow",
    "createMockRequest",
    "createMockStream",
  ]);
  assert.deepEqual(Object.keys(types), []);
});

// contract: FX-esm
test("ES modules for Node 18 and newer, with types and source maps", () => {
  const { type, engines, exports, license } = manifest;
  assert.deepEqual([type, engines.node, license], ["module", ">=18", "Apache-2.0"]);
  assert.deepEqual(Object.keys(exports), [".", "./types"]);
  for (const { types, import: file } of Object.values<{ types: string; import: string }>(exports)) {
    for (const path of [types, file, `${file}.map`]) assert.ok(existsSync(folder + path), path);
  }
});

// contract: FX-alone, FN-5
test("it needs connect and protobuf-es as peers, and loads node:assert of Node and nothing else", () => {
  const { dependencies, peerDependencies } = manifest;
  assert.deepEqual(
    [dependencies, Object.keys(peerDependencies)],
    [undefined, ["@bufbuild/protobuf", "@connectrpc/connect"]],
  );
  const imported = (file: string) =>
    [...readFileSync(folder + file, "utf8").matchAll(/(?:from|import) "([^".][^"]*)"/g)].map(([, name]) => name ?? "");
  assert.deepEqual([...new Set(imported("dist/index.js"))].sort(), [
    "@bufbuild/protobuf",
    "@bufbuild/protobuf/wkt",
    "@connectrpc/connect",
    "node:assert",
  ]);
  assert.deepEqual(imported("dist/types.js"), []);
});

// contract: FX-alone
test("its declarations name its peers only", () => {
  const source = readFileSync(`${folder}src/index.ts`, "utf8");
  const files = [...source.matchAll(/"\.\/(.+)\.ts"/g)].map(([, name]) => `dist/${name}.d.ts`);
  assert.ok(files.length >= 10, `${files.length} files`);
  const named = files.flatMap((file) =>
    [...readFileSync(folder + file, "utf8").matchAll(/(?:from|import\(|types=)\s*"([^".][^"]*)"/g)].map(
      ([, name]) => name,
    ),
  );
  assert.deepEqual([...new Set(named)].sort(), ["@bufbuild/protobuf", "@bufbuild/protobuf/wkt", "@connectrpc/connect"]);
});

test("other paths of the package cannot be imported", async () => {
  for (const path of ["calls/mock-fn", "dist/index.js"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/test-fixtures/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});
