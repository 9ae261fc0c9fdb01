// Exports that wait for each other, and outages that are reported once.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExportResult } from "./exporter.ts";
import { inTurns } from "./in-turns.ts";
import { reportingOutages } from "./reporting-outages.ts";

/** An exporter whose exports end when the test says so. */
function heldExporter() {
  const held: ((result: ExportResult) => void)[] = [];
  return { held, export: (_: unknown, done: (result: ExportResult) => void) => void held.push(done) };
}

test("at most so many exports are under way, and all others follow", async () => {
  const exporter = heldExporter();
  const limited = inTurns(exporter, 2);
  const done: number[] = [];
  for (let index = 0; index < 5; index++) limited.export([], () => done.push(index));
  assert.equal(exporter.held.length, 2);
  exporter.held[0]?.({ code: 0 });
  exporter.held[0]?.({ code: 0 });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  assert.equal(exporter.held.length, 3);
  for (let index = 1; index < 5; index++) {
    exporter.held[index]?.({ code: 1 });
    await turn();
  }
  assert.deepEqual(done, [0, 1, 2, 3, 4]);
});

// contract: OT-away
test("an outage is one warning, its end one line, and the next outage a warning again", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const info = t.mock.method(console, "info", () => {});
  const exporter = heldExporter();
  const reporting = reportingOutages(exporter, "traces");
  const errors: unknown[] = [];
  const refused = new AggregateError([new Error("refused a"), new Error("refused b")]);
  for (const result of [{ code: 0 }, { code: 1, error: refused }, { code: 1 }, { code: 0 }, { code: 1 }]) {
    reporting.export([], ({ error }) => errors.push(error?.name));
    exporter.held.pop()?.(result);
  }
  const name = "ReportedExportError";
  assert.deepEqual(errors, [undefined, name, name, undefined, name]);
  assert.deepEqual(
    warn.mock.calls.map(({ arguments: [text] }) => text),
    [
      "@connectum/otel: traces cannot be exported: refused a, refused b",
      "@connectum/otel: traces cannot be exported: no reason was given",
    ],
  );
  assert.deepEqual(
    info.mock.calls.map(({ arguments: [text] }) => text),
    ["@connectum/otel: traces are exported again"],
  );
});
