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

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("at most so many exports are under way, and all others follow", async () => {
  const exporter = heldExporter();
  inTurns(exporter, { limit: 2, timeoutMs: 10_000 });
  const done: number[] = [];
  for (let index = 0; index < 5; index++) exporter.export([], () => done.push(index));
  assert.equal(exporter.held.length, 2);
  exporter.held[0]?.({ code: 0 });
  exporter.held[0]?.({ code: 0 });
  await turn();
  assert.equal(exporter.held.length, 3);
  for (let index = 1; index < 5; index++) {
    exporter.held[index]?.({ code: 1 });
    await turn();
  }
  assert.deepEqual(done, [0, 1, 2, 3, 4]);
});

// contract: OT-away
test("what takes longer than it may fails, and what still waits then is never sent", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const exporter = heldExporter();
  inTurns(exporter, { limit: 1, timeoutMs: 20 });
  const texts: unknown[] = [];
  // A processor that gives up after 20 ms, and a collector that never answers.
  for (let index = 0; index < 50; index++) {
    exporter.export([index], ({ error }) => texts.push(error?.message));
    t.mock.timers.tick(20);
  }
  assert.deepEqual(texts, Array(50).fill("no answer within 20 ms"));
  exporter.held[0]?.({ code: 0 });
  await turn();
  assert.equal(exporter.held.length, 1, "the others are gone");
  assert.equal(texts.length, 50, "and nobody is told twice");
  exporter.export([], ({ code }) => texts.push(code));
  exporter.held[1]?.({ code: 0 });
  assert.equal(texts.at(-1), 0, "there is room again");
});

// contract: OT-shutdown
test("who gives up fails what is under way, what waits and what follows", () => {
  const exporter = heldExporter();
  const giveUp = inTurns(exporter, { limit: 1, timeoutMs: 10_000 });
  const codes: number[] = [];
  exporter.export([], ({ code }) => codes.push(code));
  exporter.export([], ({ code }) => codes.push(code));
  giveUp();
  exporter.export([], ({ code }) => codes.push(code));
  assert.deepEqual([codes, exporter.held.length], [[1, 1, 1], 1]);
});

// contract: OT-away
test("an outage is one warning, its end one line, and the next outage a warning again", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const info = t.mock.method(console, "info", () => {});
  const exporter = heldExporter();
  reportingOutages(exporter, "traces");
  const errors: unknown[] = [];
  const refused = new AggregateError([new Error("refused a"), new Error("refused b")]);
  for (const result of [{ code: 0 }, { code: 1, error: refused }, { code: 1 }, { code: 0 }, { code: 1 }]) {
    exporter.export([], ({ error }) => errors.push(error?.name));
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
    ["@connectum/otel: traces are exported again; exports that were lost: 2"],
  );
});

// contract: OT-shutdown
test("an end rejects with what was lost in it, and not with what was lost before", async (t) => {
  t.mock.method(console, "warn", () => {});
  t.mock.method(console, "info", () => {});
  const exporter = heldExporter();
  const end = reportingOutages(exporter, "metrics");
  const lastExport = (code: number) => async () => {
    exporter.export([], () => {});
    exporter.held.pop()?.({ code, error: new Error("refused") });
  };
  await lastExport(1)();
  await end(lastExport(0));
  await assert.rejects(end(lastExport(1)), /^ReportedExportError: metrics cannot be exported: refused$/);
});
