// The schema of the environment: each variable, its default, and invalid values.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { z } from "zod";
import {
  BooleanFromStringSchema,
  ConnectumEnvSchema,
  LogFormatSchema,
  LoggerBackendSchema,
  LogLevelSchema,
  NodeEnvSchema,
  parseEnvConfig,
  safeParseEnvConfig,
} from "./env-schema.ts";

const schemas = [
  ["LogLevelSchema", LogLevelSchema, ["debug", "info", "warn", "error"], "info"],
  ["LogFormatSchema", LogFormatSchema, ["json", "pretty"], "json"],
  ["LoggerBackendSchema", LoggerBackendSchema, ["otel", "pino", "console"], "otel"],
  ["NodeEnvSchema", NodeEnvSchema, ["development", "production", "test"], "development"],
] as const;

for (const [name, schema, names, fallback] of schemas) {
  // contract: ENV-LogLevelSchema, ENV-LogFormatSchema, ENV-LoggerBackendSchema, ENV-NodeEnvSchema, ENV-zod
  test(`${name} accepts ${names.join(", ")}; the default is ${fallback}`, () => {
    for (const value of names) assert.equal(schema.parse(value), value);
    assert.equal(schema.parse(undefined), fallback);
    for (const value of ["", "staging", names[0].toUpperCase(), 1, null]) {
      assert.equal(schema.safeParse(value).success, false, `${value}`);
    }
  });
}

// contract: ENV-zod
test("JSON Schema can be made of every schema that has one, and of an extended one", () => {
  for (const schema of [LogLevelSchema, LogFormatSchema, LoggerBackendSchema, NodeEnvSchema]) {
    assert.equal(z.toJSONSchema(schema).type, "string");
  }
  const extended = ConnectumEnvSchema.extend({ REGION: z.string() });
  for (const schema of [ConnectumEnvSchema, extended, z.object({ env: ConnectumEnvSchema })]) {
    assert.equal(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }).type, "object");
  }
});

// contract: ENV-BooleanFromStringSchema
test("BooleanFromStringSchema accepts six words in lower case; the default is false", () => {
  const words = { true: true, "1": true, yes: true, false: false, "0": false, no: false };
  for (const [word, expected] of Object.entries(words)) assert.equal(BooleanFromStringSchema.parse(word), expected);
  assert.equal(BooleanFromStringSchema.parse(undefined), false);
  for (const value of ["TRUE", "on", "", true, 1]) {
    assert.equal(BooleanFromStringSchema.safeParse(value).success, false, `${value}`);
  }
});

const defaults = {
  PORT: 5000,
  LISTEN: "0.0.0.0",
  LOG_LEVEL: "info",
  LOG_FORMAT: "json",
  LOG_BACKEND: "otel",
  NODE_ENV: "development",
  HTTP_HEALTH_ENABLED: false,
  HTTP_HEALTH_PATH: "/healthz",
  GRACEFUL_SHUTDOWN_ENABLED: true,
  GRACEFUL_SHUTDOWN_TIMEOUT_MS: 30_000,
};

// contract: ENV-others, ENV-LOG, ENV-PORT, ENV-LISTEN, ENV-HEALTH-ENABLED, ENV-HEALTH-PATH, ENV-OTEL-NAME
// contract: ENV-OTEL-ENDPOINT, ENV-SHUTDOWN-ENABLED, ENV-SHUTDOWN-TIMEOUT
test("variables that are not set have their defaults, and unknown variables are omitted", () => {
  assert.deepEqual(parseEnvConfig({}), defaults);
  assert.deepEqual(parseEnvConfig({ HOME: "/root", PORT: undefined }), defaults);
});

/** A variable, its text, and the parsed value. */
const accepted: [keyof typeof ConnectumEnvSchema.shape, string, unknown][] = [
  ["PORT", "1", 1],
  ["PORT", "8080", 8080],
  ["PORT", "0080", 80],
  ["PORT", "65535", 65_535],
  ["LISTEN", "::", "::"],
  ["LISTEN", "", ""],
  ["HTTP_HEALTH_ENABLED", "yes", true],
  ["HTTP_HEALTH_PATH", "", ""],
  ["HTTP_HEALTH_PATH", "/live", "/live"],
  ["OTEL_SERVICE_NAME", "", ""],
  ["OTEL_SERVICE_NAME", "greeter", "greeter"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "http://localhost:4318"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://collector:4317", "grpc://collector:4317"],
  ["GRACEFUL_SHUTDOWN_ENABLED", "0", false],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "", 0],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "0.5", 0.5],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "300000", 300_000],
];

for (const [variable, text, expected] of accepted) {
  // contract: ENV-PORT, ENV-LISTEN, ENV-HEALTH-ENABLED, ENV-HEALTH-PATH, ENV-OTEL-NAME
  // contract: ENV-OTEL-ENDPOINT, ENV-SHUTDOWN-ENABLED, ENV-SHUTDOWN-TIMEOUT
  test(`${variable}=${JSON.stringify(text)} is parsed as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseEnvConfig({ [variable]: text }), { ...defaults, [variable]: expected });
  });
}

const rejected: [keyof typeof ConnectumEnvSchema.shape, string, RegExp][] = [
  ["PORT", "", /^env-var: "PORT" should be a valid integer$/],
  ["PORT", "80.5", /^env-var: "PORT" should be a valid integer$/],
  ["PORT", "80.0", /^env-var: "PORT" should be a valid integer$/],
  ["PORT", " 80", /^env-var: "PORT" should be a valid integer$/],
  ["PORT", "8e1", /^env-var: "PORT" should be a valid integer$/],
  ["PORT", "-1", /^env-var: "PORT" should be a positive integer$/],
  ["PORT", "65536", /^env-var: "PORT" cannot assign a port number greater than 65535$/],
  ["PORT", "0", />=1/],
  ["LOG_LEVEL", "trace", /info/],
  ["LOG_FORMAT", "JSON", /json/],
  ["LOG_BACKEND", "winston", /pino/],
  ["NODE_ENV", "staging", /production/],
  ["HTTP_HEALTH_ENABLED", "on", /yes/],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "", /URL/],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "/v1/traces", /URL/],
  ["GRACEFUL_SHUTDOWN_ENABLED", "", /yes/],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "-1", />=0/],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "300001", /<=300000/],
  ["GRACEFUL_SHUTDOWN_TIMEOUT_MS", "soon", /number/],
];

for (const [variable, text, message] of rejected) {
  // contract: ENV-PORT, ENV-LOG, ENV-HEALTH-ENABLED, ENV-OTEL-ENDPOINT
  // contract: ENV-SHUTDOWN-ENABLED, ENV-SHUTDOWN-TIMEOUT, ENV-parse, C2, DEC-port-rule
  test(`${variable}=${JSON.stringify(text)} is rejected, and the error names the variable`, () => {
    const env = { [variable]: text };
    const { success, error } = safeParseEnvConfig(env);
    assert.equal(success, false);
    assert.deepEqual(
      error?.issues.map(({ path }) => path),
      [[variable]],
    );
    assert.match(error?.issues[0]?.message ?? "", message);
    assert.throws(() => parseEnvConfig(env), z.ZodError);
  });
}

test("one error lists all invalid variables", () => {
  const { error } = safeParseEnvConfig({ PORT: "http", NODE_ENV: "staging" });
  assert.deepEqual(
    error?.issues.map(({ path }) => path[0]),
    ["PORT", "NODE_ENV"],
  );
});

test("a port may also be a number, if it is a valid port", () => {
  assert.equal(ConnectumEnvSchema.parse({ PORT: 8080 }).PORT, 8080);
  for (const PORT of [0, 80.5, 65_536, true, null]) {
    assert.equal(ConnectumEnvSchema.safeParse({ PORT }).success, false, `${PORT}`);
  }
});

// contract: ENV-zod
test("the schema can be extended, and its parts can be used on their own", () => {
  const schema = ConnectumEnvSchema.extend({ DATABASE_URL: z.url() });
  assert.deepEqual(schema.parse({ DATABASE_URL: "pg://db" }), { ...defaults, DATABASE_URL: "pg://db" });
  assert.equal(ConnectumEnvSchema.shape.PORT.parse("81"), 81);
});

// contract: C1, ENV-parse
test("process.env is the default environment, and is read on each call", (t) => {
  const before = process.env["HTTP_HEALTH_PATH"];
  t.after(() => {
    if (before === undefined) delete process.env["HTTP_HEALTH_PATH"];
    else process.env["HTTP_HEALTH_PATH"] = before;
  });
  for (const path of ["/one", "/two"]) {
    process.env["HTTP_HEALTH_PATH"] = path;
    assert.equal(safeParseEnvConfig().data?.HTTP_HEALTH_PATH, path);
  }
});
