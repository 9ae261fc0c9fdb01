// The exports of @connectum/healthcheck.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type * as types from "./index.ts";
import * as healthcheck from "./index.ts";

/** Compiled, never run: the types that can be imported. */
export type OfTheRoot = [
  types.HealthcheckOptions,
  types.ServiceStatus,
  types.ServingStatus,
  // Not in the contract.
  types.CheckLogger,
  types.CheckResult,
  types.DependencyCheck,
  types.StatusChange,
  types.StatusListener,
];

// contract: HC-names
test("the package exports these values, and no other", () => {
  assert.deepEqual(Object.keys(healthcheck).sort(), [
    "Healthcheck",
    "HealthcheckManager",
    "ServingStatus",
    "createHealthcheckManager",
    "createHttpHealthHandler",
    "healthcheckManager",
    "parseServiceFromUrl",
  ]);
});

// contract: HC-names
test("importing the package by name gives the same values, and loads no addon", { timeout: 20_000 }, async () => {
  const script = `
    const names = Object.keys(await import("@connectum/healthcheck"));
    console.log(names.length, process.report.getReport().sharedObjects.some((file) => file.endsWith(".node")));
  `;
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  assert.equal(stdout.trim(), `${Object.keys(healthcheck).length} false`);
});
