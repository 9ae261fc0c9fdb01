// The entry points of @connectum/otel, and their exports.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as root from "@connectum/otel";
import * as attributes from "@connectum/otel/attributes";
import * as clientInterceptor from "@connectum/otel/client-interceptor";
import * as interceptor from "@connectum/otel/interceptor";
import * as logger from "@connectum/otel/logger";
import * as meter from "@connectum/otel/meter";
import * as metrics from "@connectum/otel/metrics";
import * as provider from "@connectum/otel/provider";
import * as shared from "@connectum/otel/shared";
import * as traceAll from "@connectum/otel/traceAll";
import * as traced from "@connectum/otel/traced";
import * as tracer from "@connectum/otel/tracer";

const CONSTANTS = [
  "ATTR_CONNECTUM_TRANSPORT",
  "ATTR_CONNECTUM_TRANSPORT_METRIC",
  "ATTR_ERROR_TYPE",
  "ATTR_NETWORK_PEER_ADDRESS",
  "ATTR_NETWORK_PEER_PORT",
  "ATTR_NETWORK_PROTOCOL_NAME",
  "ATTR_NETWORK_TRANSPORT",
  "ATTR_RPC_CONNECT_RPC_STATUS_CODE",
  "ATTR_RPC_MESSAGE_ID",
  "ATTR_RPC_MESSAGE_TYPE",
  "ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE",
  "ATTR_RPC_METHOD",
  "ATTR_RPC_SERVICE",
  "ATTR_RPC_SYSTEM",
  "ATTR_SERVER_ADDRESS",
  "ATTR_SERVER_PORT",
  "CONNECTUM_INTERNAL_TRANSPORT_HEADER",
  "CONNECTUM_INTERNAL_TRANSPORT_IN_PROCESS",
  "ConnectErrorCode",
  "ConnectErrorCodeName",
  "RPC_MESSAGE_EVENT",
  "RPC_SYSTEM_CONNECT_RPC",
];

/** The values of each subpath; `only` are those that the root has not. */
const subpaths: [path: string, module: object, values: string[], only?: string[]][] = [
  ["interceptor", interceptor, ["createOtelInterceptor"]],
  ["client-interceptor", clientInterceptor, ["createOtelClientInterceptor"]],
  [
    "shared",
    shared,
    ["buildErrorAttributes", "detectConnectumTransport", "estimateMessageSize"],
    ["applyAttributeFilter", "buildBaseAttributes", "wrapAsyncIterable"],
  ],
  ["tracer", tracer, ["getTracer"]],
  ["meter", meter, ["getMeter"]],
  ["logger", logger, ["getLogger"]],
  ["traced", traced, ["traced"]],
  ["traceAll", traceAll, ["traceAll"]],
  ["attributes", attributes, CONSTANTS],
  ["metrics", metrics, ["createRpcClientMetrics", "createRpcServerMetrics"]],
  [
    "provider",
    provider,
    ["getProvider", "initProvider", "shutdownProvider"],
    ["buildResourceAttributes", "parseOtelResourceAttributesEnv"],
  ],
];

const CONFIGURATION = [
  "ExporterType",
  "getBatchSpanProcessorOptions",
  "getCollectorOptions",
  "getOTLPSettings",
  "getServiceMetadata",
];

for (const [path, module, values, only = []] of subpaths) {
  // contract: OT-EXP
  test(`${path} has its values, and the root has the same`, () => {
    assert.deepEqual(Object.keys(module).sort(), [...values, ...only].sort());
    for (const name of values) assert.equal(Reflect.get(module, name), Reflect.get(root, name), name);
    for (const name of only) assert.ok(!(name in root), name);
  });
}

// contract: OT-EXP
test("the root has the values of the contract, and two of ours", () => {
  const contract = new Set([...subpaths.flatMap(([, , values]) => values), ...CONFIGURATION]);
  assert.equal(CONSTANTS.length, 22);
  assert.deepEqual(Object.keys(root).sort(), [...contract, "otelPinoStream", "otelShutdown"].sort());
});

// contract: OT-EXP
test("other paths of the package cannot be imported", async () => {
  for (const path of ["config", "trace-all", "logs", "dist/index.js"]) {
    // In a variable, because the compiler would reject the path itself.
    const specifier = `@connectum/otel/${path}`;
    await assert.rejects(import(specifier), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path);
  }
});

// contract: OT-EXP-3
test("a provider that one entry point makes is that of all others", async () => {
  provider.initProvider();
  assert.equal(root.getProvider(), provider.getProvider());
  assert.equal(tracer.getTracer(), root.getProvider().tracer);
  assert.equal(meter.getMeter(), root.getProvider().meter);
  await root.shutdownProvider();
});

test("the files are ES modules, with types and source maps", () => {
  const folder = fileURLToPath(new URL("../packages/otel/", import.meta.url));
  const { type, exports, engines } = JSON.parse(readFileSync(`${folder}package.json`, "utf8"));
  assert.deepEqual([type, engines.node, Object.keys(exports).length], ["module", ">=18", 12]);
  for (const { types, import: file } of Object.values<{ types: string; import: string }>(exports)) {
    for (const path of [types, file, `${file}.map`]) assert.ok(existsSync(folder + path), path);
  }
});

test("importing it loads neither the addon nor the SDK", { timeout: 30_000 }, async () => {
  const script = `
    await import("@connectum/otel");
    const { createRequire } = await import("node:module");
    const loaded = Object.keys(createRequire(import.meta.url).cache).join(" ");
    console.log(process.report.getReport().sharedObjects.some((file) => file.endsWith(".node")));
    console.log(/sdk-trace|sdk-metrics|sdk-logs|exporter-|grpc-js/.test(loaded));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  assert.equal(stdout, "false\nfalse\n");
});
