// Entry points and their exports. The names of types are in types/public-names.ts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import * as core from "@connectum/core";
import * as config from "@connectum/core/config";
import * as context from "@connectum/core/context";
import * as schema from "@connectum/core/schema";
import * as types from "@connectum/core/types";

const configNames = [
  "BooleanFromStringSchema",
  "ConnectumEnvSchema",
  "LogFormatSchema",
  "LogLevelSchema",
  "LoggerBackendSchema",
  "NodeEnvSchema",
  "parseEnvConfig",
  "safeParseEnvConfig",
];
const typesNames = ["LifecycleEvent", "ServerState"];
const contextNames = ["checkCatalogOptions", "contextOf"];
const schemaNames = ["SchemaIndex", "schemaContents"];
const coreNames = [
  ...configNames,
  ...typesNames,
  "CatalogConfigError",
  "EffectiveTransport",
  "TRANSPORT_VALIDATION_ERROR_CODE",
  "TransportValidationError",
  "TransportValidationMode",
  "collectStreamingMethods",
  "createCatalogClient",
  "createLocalTransport",
  "createServer",
  "defaultPropagateHeaders",
  "defineCatalog",
  "defineLazyService",
  "defineService",
  "dnsResolver",
  "getTLSPath",
  "isSanitizableError",
  "mapResolver",
  "matchServicesPattern",
  "mergeCatalogs",
  "mergeEnabledServices",
  "parseServicesEnv",
  "peerKey",
  "peerOf",
  "perServiceEnvResolver",
  "readTLSCertificates",
  "resolveEffectiveTransport",
  "singleTransportResolver",
  "tlsPath",
];

const entryPoints: [string, object, string[]][] = [
  ["@connectum/core", core, coreNames],
  ["@connectum/core/config", config, configNames],
  ["@connectum/core/types", types, typesNames],
  ["@connectum/core/schema", schema, schemaNames],
  ["@connectum/core/context", context, contextNames],
];

for (const [name, module, expected] of entryPoints) {
  // contract: SV-constants
  test(`${name} exports these values, and no other`, () => {
    assert.deepEqual(Object.keys(module).sort(), [...expected].sort());
    const empty = Object.entries(module).filter(([, value]) => value === undefined);
    assert.deepEqual(empty, []);
  });

  // Entry points for other packages, not for applications.
  if (module === schema || module === context) continue;
  test(`the exports of ${name} are the same objects at the root`, () => {
    for (const [key, value] of Object.entries(module)) assert.equal(Reflect.get(core, key), value, key);
  });
}

test("the root has the 38 values that were promised", () => {
  assert.equal(new Set(coreNames).size, 38);
});

test("other paths of the package cannot be imported", async () => {
  for (const path of ["register", "dist/index.js", "native"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/core/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});

for (const [name, isLoaded] of [
  ["@connectum/core", true],
  ["@connectum/core/config", false],
  ["@connectum/core/types", false],
  ["@connectum/core/schema", true],
  ["@connectum/reflection", false],
] as const) {
  test(`${name} ${isLoaded ? "loads" : "does not load"} the addon`, { timeout: 30_000 }, async () => {
    const script = `
      await import(${JSON.stringify(name)});
      console.log(process.report.getReport().sharedObjects.some((file) => file.endsWith(".node")));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    assert.equal(stdout.trim(), `${isLoaded}`);
  });
}

// contract: O-import, T6
test("tlsPath has the value of the environment at import, and never changes", { timeout: 30_000 }, async () => {
  const script = `
    const { getTLSPath, tlsPath } = await import("@connectum/core");
    process.env["TLS_DIR_PATH"] = "/later";
    console.log(tlsPath, getTLSPath(), (await import("@connectum/core")).tlsPath);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TLS_DIR_PATH: "/at/import" },
  });
  assert.equal(stdout.trim(), "/at/import /later /at/import");
});
