// Errors of the SDK on the console: each once, unless the application has a logger for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { installDiagnostics } from "./diagnostics.ts";
import { REPORTED } from "./reporting-outages.ts";

// contract: OT-PRV-4
test("errors are written, each once; warnings, and what has been reported, are not", (t) => {
  const error = t.mock.method(console, "error", () => {});
  const remove = installDiagnostics();
  diag.error("a", 1);
  diag.error("a", 2);
  diag.warn("b");
  diag.error(`{"name":"${REPORTED}"}`);
  remove();
  diag.error("c");
  assert.deepEqual(
    error.mock.calls.map((call) => call.arguments),
    [["a", 1]],
  );
});

// contract: OT-PRV-4
test("so many texts are written, and no more", (t) => {
  const error = t.mock.method(console, "error", () => {});
  t.after(installDiagnostics());
  for (let index = 0; index < 150; index++) diag.error(`text ${index}`);
  assert.equal(error.mock.callCount(), 100);
});

// contract: OT-PRV-4
test("a logger that the application has registered stays", (t) => {
  const console_ = t.mock.method(console, "error", () => {});
  const texts: string[] = [];
  const ignore = () => {};
  const error = (text: string) => void texts.push(text);
  diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.ERROR);
  t.after(() => diag.disable());
  installDiagnostics()();
  diag.error("a");
  assert.deepEqual([texts, console_.mock.callCount()], [["a"], 0]);
});
