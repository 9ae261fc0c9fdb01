// What the variables of OpenTelemetry mean, and the errors for those that are wrong.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { useEnv } from "../../../../__test__/support/collector.ts";
import { getBatchSpanProcessorOptions, logBatchOf, metricExportOf } from "./batch-options.ts";
import { getCollectorOptions } from "./collector-options.ts";
import { ExporterType } from "./exporter-type.ts";
import { isAtLeast, logLevelOf } from "./log-level.ts";
import { otlpProtocolOf } from "./otlp-protocol.ts";
import { getOTLPSettings } from "./otlp-settings.ts";
import { propagatorsOf } from "./propagators.ts";
import { buildResourceAttributes, parseOtelResourceAttributesEnv } from "./resource-attributes.ts";
import { semconvOf } from "./semconv.ts";
import { getServiceMetadata } from "./service-metadata.ts";

const all = (exporter: ExporterType) => ({ traces: exporter, metrics: exporter, logs: exporter });

// contract: OT-exporters
test("the exporter types are the contract's four", () => {
  assert.deepEqual(ExporterType, {
    CONSOLE: "console",
    OTLP_HTTP: "otlp/http",
    OTLP_GRPC: "otlp/grpc",
    NONE: "none",
  });
});

const settings: [string, Record<string, string>, object][] = [
  ["nothing is set", {}, all("none")],
  [
    "each signal has its exporter",
    { OTEL_TRACES_EXPORTER: "console", OTEL_LOGS_EXPORTER: "otlp/grpc" },
    {
      traces: "console",
      metrics: "none",
      logs: "otlp/grpc",
    },
  ],
  ["an endpoint alone", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }, all("otlp/http")],
  ["an endpoint of gRPC's port", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317" }, all("otlp/grpc")],
  [
    "an endpoint, and none",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4318", OTEL_LOGS_EXPORTER: "none" },
    {
      ...all("otlp/http"),
      logs: "none",
    },
  ],
  [
    "the endpoint of one signal",
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://collector:4317" },
    {
      ...all("none"),
      metrics: "otlp/grpc",
    },
  ],
  ["otlp without an endpoint", { OTEL_TRACES_EXPORTER: "otlp" }, { ...all("none"), traces: "otlp/http" }],
  [
    "otlp by gRPC",
    { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    {
      ...all("none"),
      traces: "otlp/grpc",
    },
  ],
  [
    "the protocol of one signal",
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4317",
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
    },
    { ...all("otlp/grpc"), logs: "otlp/http" },
  ],
  [
    "otlp/http at gRPC's port",
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4317",
      OTEL_TRACES_EXPORTER: "otlp/http",
    },
    { ...all("otlp/grpc"), traces: "otlp/http" },
  ],
  ["the SDK is disabled", { OTEL_SDK_DISABLED: "TRUE", OTEL_TRACES_EXPORTER: "console" }, all("none")],
];

for (const [what, variables, expected] of settings) {
  // contract: OT-CFG-1, OT-unset, OT-otlp, OT-disabled
  test(`exporters when ${what}`, (t) => {
    useEnv(t, variables);
    assert.deepEqual(getOTLPSettings(), expected);
  });
}

// contract: OT-protocol
test("otlp/http is protobuf, and JSON only by the protocol variable", () => {
  assert.equal(otlpProtocolOf({}, "traces"), "http/protobuf");
  assert.equal(otlpProtocolOf({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, "traces"), "http/json");
});

const wrong: [Record<string, string>, () => unknown, string][] = [
  [
    { OTEL_TRACES_EXPORTER: "zipkin" },
    getOTLPSettings,
    'env-var: "OTEL_TRACES_EXPORTER" should be one of [console, otlp, otlp/http, otlp/grpc, none], but was "zipkin"',
  ],
  [
    { OTEL_METRICS_EXPORTER: "" },
    getOTLPSettings,
    'env-var: "OTEL_METRICS_EXPORTER" should be one of [console, otlp, otlp/http, otlp/grpc, none], but was ""',
  ],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: "http" },
    getOTLPSettings,
    'env-var: "OTEL_EXPORTER_OTLP_PROTOCOL" should be one of [grpc, http/protobuf, http/json], but was "http"',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4317" },
    getOTLPSettings,
    'env-var: "OTEL_EXPORTER_OTLP_ENDPOINT" should be a URL such as http://localhost:4318, but was "localhost:4317"',
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a b" },
    getCollectorOptions,
    'env-var: "OTEL_EXPORTER_OTLP_ENDPOINT" should be a URL such as http://localhost:4318, but was "http://a b"',
  ],
  [
    { OTEL_BSP_MAX_QUEUE_SIZE: "-1" },
    getBatchSpanProcessorOptions,
    'env-var: "OTEL_BSP_MAX_QUEUE_SIZE" should be a positive integer, but was "-1"',
  ],
  [
    { OTEL_BSP_SCHEDULE_DELAY: "1.5" },
    getBatchSpanProcessorOptions,
    'env-var: "OTEL_BSP_SCHEDULE_DELAY" should be a valid integer, but was "1.5"',
  ],
  [
    { OTEL_BSP_EXPORT_TIMEOUT: "" },
    getBatchSpanProcessorOptions,
    'env-var: "OTEL_BSP_EXPORT_TIMEOUT" should be a valid integer, but was ""',
  ],
  [
    { OTEL_BSP_EXPORT_TIMEOUT: "99999999999" },
    getBatchSpanProcessorOptions,
    'env-var: "OTEL_BSP_EXPORT_TIMEOUT" should be at most 2147483647, but was "99999999999"',
  ],
  [
    { OTEL_PROPAGATORS: "tracecontext,xray" },
    () => propagatorsOf(process.env),
    'env-var: "OTEL_PROPAGATORS" should be a list of [tracecontext, baggage, b3, b3multi, jaeger, none], but was "tracecontext,xray"',
  ],
  [
    { LOG_LEVEL: "loud" },
    () => logLevelOf(process.env),
    'env-var: "LOG_LEVEL" should be one of [trace, debug, info, warn, error, fatal, silent], but was "loud"',
  ],
];

for (const [variables, read, message] of wrong) {
  // contract: OT-CFG-2, OT-CFG-3
  test(`an error names ${JSON.stringify(variables)}`, (t) => {
    useEnv(t, variables);
    assert.throws(read, { name: "EnvVarError", message });
  });
}

// contract: OT-CFG-4
test("the collector: ten exports at once, one slash at the end of the URL is removed", (t) => {
  useEnv(t, {});
  assert.deepEqual(getCollectorOptions(), { concurrencyLimit: 10, url: undefined });
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4318//";
  assert.deepEqual(getCollectorOptions(), { concurrencyLimit: 10, url: "http://collector:4318/" });
  delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
});

// contract: OT-CFG-3, OT-CFG-1
test("batches of spans: the defaults, 0 is allowed, and each call reads again", (t) => {
  useEnv(t, {});
  const defaults = {
    maxExportBatchSize: 100,
    maxQueueSize: 1_000,
    scheduledDelayMillis: 1_000,
    exportTimeoutMillis: 10_000,
  };
  assert.deepEqual(getBatchSpanProcessorOptions(), defaults);
  process.env["OTEL_BSP_SCHEDULE_DELAY"] = "0";
  assert.deepEqual(getBatchSpanProcessorOptions(), { ...defaults, scheduledDelayMillis: 0 });
  delete process.env["OTEL_BSP_SCHEDULE_DELAY"];
});

// contract: OT-standard
test("batches of log records, and the interval of metrics", () => {
  assert.deepEqual(logBatchOf({ OTEL_BLRP_MAX_QUEUE_SIZE: "7" }), {
    maxExportBatchSize: 512,
    maxQueueSize: 7,
    scheduledDelayMillis: 1_000,
    exportTimeoutMillis: 30_000,
  });
  assert.deepEqual(metricExportOf({}), { exportIntervalMillis: 10_000, exportTimeoutMillis: 10_000 });
  assert.deepEqual(metricExportOf({ OTEL_METRIC_EXPORT_INTERVAL: "500", OTEL_METRIC_EXPORT_TIMEOUT: "100" }), {
    exportIntervalMillis: 500,
    exportTimeoutMillis: 100,
  });
});

const metadata: [Record<string, string>, object][] = [
  [{}, { name: "unknown-service", version: "0.0.0" }],
  [
    { npm_package_name: "shop", npm_package_version: "1.2.3" },
    { name: "shop", version: "1.2.3" },
  ],
  [
    { OTEL_RESOURCE_ATTRIBUTES: "service.name=a,service.version=2", npm_package_name: "shop" },
    { name: "a", version: "2" },
  ],
  [
    { OTEL_SERVICE_NAME: "b", OTEL_SERVICE_VERSION: "3", OTEL_RESOURCE_ATTRIBUTES: "service.name=a,service.version=2" },
    { name: "b", version: "3" },
  ],
  [
    { OTEL_SERVICE_NAME: "", OTEL_SERVICE_VERSION: "" },
    { name: "unknown-service", version: "0.0.0" },
  ],
];

for (const [variables, expected] of metadata) {
  // contract: OT-CFG-5, OT-standard
  test(`the name and version of the service by ${JSON.stringify(variables)}`, (t) => {
    useEnv(t, variables);
    assert.deepEqual(getServiceMetadata(), expected);
  });
}

// contract: OT-PRV-8
test("pairs of OTEL_RESOURCE_ATTRIBUTES", () => {
  assert.deepEqual(parseOtelResourceAttributesEnv(undefined), {});
  assert.deepEqual(parseOtelResourceAttributesEnv(""), {});
  assert.deepEqual(parseOtelResourceAttributesEnv(" a = b=c ,=x,none,d=,a2=%C3%A4%2C,wrong=%zz,a=last"), {
    a: "last",
    d: "",
    a2: "ä,",
    wrong: "%zz",
  });
});

// contract: OT-PRV-6, OT-PRV-9
test("the attributes of the resource: what is given wins over the environment", (t) => {
  const env = {
    OTEL_RESOURCE_ATTRIBUTES: "service.name=env,team=a,zone=1,service.instance.id=0",
    OTEL_SERVICE_INSTANCE_ID: "1",
    OTEL_SERVICE_NAMESPACE: "shop",
  };
  const given = { serviceName: "own", serviceVersion: "2" };
  assert.deepEqual(buildResourceAttributes({ ...given, resourceAttributes: { zone: 2 }, instanceId: "", env }), {
    "service.name": "own",
    "service.version": "2",
    "service.namespace": "shop",
    "service.instance.id": "1",
    team: "a",
    zone: 2,
  });
  assert.equal(buildResourceAttributes({ ...given, instanceId: "9", env })["service.instance.id"], "9");
  useEnv(t, { OTEL_RESOURCE_ATTRIBUTES: "team=b" });
  assert.equal(buildResourceAttributes(given)["team"], "b");
});

// contract: OT-standard
test("propagators: the default, a list, and none", () => {
  assert.deepEqual(propagatorsOf({}), ["tracecontext", "baggage"]);
  assert.deepEqual(propagatorsOf({ OTEL_PROPAGATORS: "b3, tracecontext,b3" }), ["b3", "tracecontext"]);
  assert.deepEqual(propagatorsOf({ OTEL_PROPAGATORS: "b3,none" }), []);
});

// contract: OT-semconv
test("names of attributes: those of version 1.2 unless the variable asks for others", () => {
  const names = ["", "http", "http, rpc", "rpc/dup", "rpc,rpc/dup"];
  assert.deepEqual(
    names.map((value) => semconvOf({ OTEL_SEMCONV_STABILITY_OPT_IN: value })),
    ["legacy", "legacy", "stable", "both", "both"],
  );
});

test("LOG_LEVEL is the least severe level, in any case", () => {
  assert.equal(logLevelOf({}), undefined);
  assert.equal(logLevelOf({ LOG_LEVEL: "WARN" }), "warn");
  assert.deepEqual(
    [isAtLeast("debug", undefined), isAtLeast("info", "warn"), isAtLeast("warn", "warn")],
    [true, false, true],
  );
  assert.equal(isAtLeast("fatal", "silent"), false);
});
