// The entry points and exports of @connectum/hooks, which depends on next to nothing.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as core from "@connectum/core";
import * as hooks from "@connectum/hooks";

const folder = fileURLToPath(new URL("../packages/hooks/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));

test("it exports these values, and no other", () => {
  assert.deepEqual(Object.keys(hooks).sort(), [
    "BUILT_IN_PROTOCOL",
    "CallSignal",
    "FACTORY",
    "MAX_TIMER_MS",
    "OBSERVABLE_CALL",
    "ON_ABORT",
    "PEER",
    "PREPARE",
    "RECEIVED_HEADER",
    "REPORT",
    "around",
    "assertArray",
    "assertBoolean",
    "assertFunction",
    "assertInteger",
    "assertInterceptors",
    "assertKnownKeys",
    "assertMethods",
    "assertObject",
    "assertOneOf",
    "assertString",
    "assertStrings",
    "builtInProtocolOf",
    "callPeerOf",
    "callPrepare",
    "factoryCallOf",
    "headerOf",
    "isPlainObject",
    "isSanitizableError",
    "isThenable",
    "markFactory",
    "nearestName",
    "observableCallOf",
    "onAbort",
    "reportOf",
    "shown",
    "unknownKeys",
    "withBuiltInProtocol",
    "withPrepare",
  ]);
});

test("every copy of the package uses the same symbols", () => {
  assert.equal(hooks.PREPARE, Symbol.for("connectum.prepare"));
  assert.equal(hooks.FACTORY, Symbol.for("connectum.factory"));
  assert.equal(hooks.ON_ABORT, Symbol.for("connectum.onAbort"));
  assert.equal(hooks.REPORT, Symbol.for("connectum.report"));
  assert.equal(hooks.OBSERVABLE_CALL, Symbol.for("connectum.call"));
  assert.equal(hooks.RECEIVED_HEADER, Symbol.for("connectum.receivedHeader"));
  assert.equal(hooks.PEER, core.peerKey.id);
  assert.equal(hooks.PEER, Symbol.for("connectum.peer"));
  assert.equal(hooks.BUILT_IN_PROTOCOL, Symbol.for("connectum.protocol"));
});

// contract: Z1, EH-2
test("isSanitizableError of the core is this one", () => {
  assert.equal(core.isSanitizableError, hooks.isSanitizableError);
});

test("it depends on leven alone, which depends on nothing; its compiled files import nothing else", () => {
  const kinds = ["peerDependencies", "optionalDependencies", "bundleDependencies"];
  assert.deepEqual(
    kinds.filter((kind) => kind in manifest),
    [],
  );
  assert.deepEqual(Object.keys(manifest.dependencies), ["leven"]);
  const leven = JSON.parse(readFileSync(new URL("../node_modules/leven/package.json", import.meta.url), "utf8"));
  assert.deepEqual([leven.dependencies, leven.peerDependencies], [undefined, undefined]);
  const files = [`${folder}dist/index.js`, ...sources.map((name) => `${folder}dist/${name}.d.ts`)];
  for (const file of files) {
    const imported = [...readFileSync(file, "utf8").matchAll(/(?:from|import) "([^"]+)"/g)].map(
      ([, path]) => path ?? "",
    );
    assert.deepEqual(
      imported.filter((path) => !path.startsWith("./")),
      file.endsWith("index.js") ? ["leven"] : [],
      file,
    );
  }
});

const sources = [
  ...new Set([...readFileSync(`${folder}src/index.ts`, "utf8").matchAll(/"\.\/(.+)\.ts"/g)].map(([, name]) => name)),
  "index",
];

test("ES modules, with types and source maps", () => {
  const { type, engines, exports } = manifest;
  assert.deepEqual([type, engines.node, Object.keys(exports)], ["module", ">=18", ["."]]);
  const { types, import: file } = exports["."];
  for (const path of [types, file, `${file}.map`]) assert.ok(existsSync(folder + path), path);
});

test("other paths of the package cannot be imported", async () => {
  for (const path of ["shown", "dist/index.js"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/hooks/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});

test("it does not load the addon", { timeout: 30_000 }, async () => {
  const script = `
    await import("@connectum/hooks");
    console.log(process.report.getReport().sharedObjects.some((file) => file.endsWith(".node")));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout.trim(), "false");
});
