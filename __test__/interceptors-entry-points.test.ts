// The entry points of @connectum/interceptors, and their exports.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as root from "@connectum/interceptors";
import * as bulkhead from "@connectum/interceptors/bulkhead";
import * as circuitBreaker from "@connectum/interceptors/circuit-breaker";
import * as defaults from "@connectum/interceptors/defaults";
import * as errorHandler from "@connectum/interceptors/errorHandler";
import * as fallback from "@connectum/interceptors/fallback";
import * as logger from "@connectum/interceptors/logger";
import * as methodFilter from "@connectum/interceptors/method-filter";
import * as redaction from "@connectum/interceptors/redaction";
import * as requestId from "@connectum/interceptors/request-id";
import * as retry from "@connectum/interceptors/retry";
import * as serializer from "@connectum/interceptors/serializer";
import * as timeout from "@connectum/interceptors/timeout";

const subpaths: [string, object, string[]][] = [
  ["bulkhead", bulkhead, ["createBulkheadInterceptor"]],
  ["circuit-breaker", circuitBreaker, ["createCircuitBreakerInterceptor", "defaultFailurePredicate"]],
  ["defaults", defaults, ["createDefaultInterceptors"]],
  ["errorHandler", errorHandler, ["createErrorHandlerInterceptor"]],
  ["fallback", fallback, ["createFallbackInterceptor"]],
  ["logger", logger, ["createLoggerInterceptor"]],
  ["method-filter", methodFilter, ["createMethodFilterInterceptor"]],
  ["request-id", requestId, ["createRequestIdInterceptor", "requestIdKey"]],
  ["retry", retry, ["createRetryInterceptor"]],
  ["serializer", serializer, ["createSerializerInterceptor"]],
  ["timeout", timeout, ["createTimeoutInterceptor"]],
];

for (const [name, module, expected] of subpaths) {
  // contract: EXP-2, EXP-3
  test(`${name} exports ${expected.join(", ")}, as the root does`, () => {
    assert.deepEqual(Object.keys(module).sort(), expected);
    for (const key of expected) assert.equal(Reflect.get(module, key), Reflect.get(root, key), key);
  });
}

test("redaction, which is for other packages, is no part of the root", () => {
  assert.deepEqual(Object.keys(redaction), ["redacted", "withoutRedacted"]);
  assert.ok(!("redacted" in root));
});

// contract: EXP-3, VAL-10
test("the root exports the values of the subpaths, and no others", () => {
  const expected = subpaths.flatMap(([, , names]) => names).sort();
  assert.deepEqual(Object.keys(root).sort(), expected);
  assert.equal(expected.length, 13);
});

// contract: EXP-1
test("other paths of the package cannot be imported", async () => {
  for (const path of ["types", "error-handler", "circuitBreaker", "methodFilter", "validation", "dist/index.js"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/interceptors/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});

// contract: EXP-4, SC-16
test("shortcoming 16, protovalidate is not a dependency: it is one; the files are ES modules, with types and source maps", () => {
  const folder = fileURLToPath(new URL("../packages/interceptors/", import.meta.url));
  const { type, exports, dependencies, engines } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  assert.equal(type, "module");
  assert.equal(engines.node, ">=18");
  assert.ok("@bufbuild/protovalidate" in dependencies);
  assert.equal(Object.keys(exports).length, 13);
  for (const { types, import: file } of Object.values<{ types: string; import: string }>(exports)) {
    for (const path of [types, file, `${file}.map`]) assert.ok(existsSync(folder + path), path);
  }
});

test("it does not load the addon, which clients do not need", { timeout: 30_000 }, async () => {
  const script = `
    await import("@connectum/interceptors");
    console.log(process.report.getReport().sharedObjects.some((file) => file.endsWith(".node")));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout.trim(), "false");
});
