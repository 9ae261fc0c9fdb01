// The evaluation of benchmarks: targets, ratios that fall below the baseline, and the pages of results.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { baselineOf, fallen } from "../bench/baseline.ts";
import type { Case, ServerName } from "../bench/case.ts";
import grpcUnary from "../bench/cases/grpc-unary.ts";
import serverStream from "../bench/cases/server-stream.ts";
import { handshakes } from "../bench/handshakes.ts";
import type { Sample } from "../bench/measure.ts";
import { pages } from "../bench/pages.ts";
import { verdictOf } from "../bench/report.ts";
import { byCpuTime, codecResult, resultsOf } from "../bench/results.ts";
import { root } from "../scripts/run.mjs";

const subject: Case = { ...grpcUnary, targets: { "connect-node": 25, limit: 2.5 } };

/** Samples of a server by the CPU time of each round. */
function sampled(server: ServerName, ...cpuTimes: number[]): [ServerName, Sample[]] {
  return [server, cpuTimes.map((cpuUsPerCall) => ({ cpuUsPerCall, callsPerSecond: 1, p50Us: 1, p99Us: 1, rssMib: 1 }))];
}

function resultsFor(...samples: [ServerName, Sample[]][]) {
  return resultsOf(byCpuTime(subject), new Map(samples));
}

test("ratios are taken within one round, and their median counts", () => {
  const results = resultsFor(sampled("connectum", 10, 20, 10), sampled("connect-node", 300, 600, 100));
  assert.deepEqual(results[1]?.ratio, { median: 30, least: 10, most: 30 });
  assert.equal(results[1]?.cpu_us_per_call, 300);
});

const verdicts: { peer: ServerName; ours: number; theirs: number; met: boolean }[] = [
  { peer: "connect-node", ours: 10, theirs: 250, met: true },
  { peer: "connect-node", ours: 10, theirs: 249, met: false },
  { peer: "limit", ours: 10, theirs: 4, met: true },
  { peer: "limit", ours: 10, theirs: 3.9, met: false },
];
for (const { peer, ours, theirs, met } of verdicts) {
  test(`${peer} needs ${theirs} µs and we need ${ours}: the target is ${met ? "" : "not "}met`, () => {
    const results = resultsFor(sampled("connectum", ours), sampled(peer, theirs));
    assert.equal(results[1]?.target?.met, met);
    assert.match(verdictOf(results), met ? /^1 of 1 targets met/ : new RegExp(`^0 of 1 .*\n- grpc-unary: .*${peer}`));
  });
}

for (const [name, theirs, met] of [
  ["handshake-ecdsa", 220, true],
  ["handshake-ecdsa", 219, false],
  ["handshake-rsa", 160, true],
  ["handshake-rsa", 159, false],
  ["handshake-resumed-rsa", 219, false],
] as const) {
  test(`${name}: node:http2 needs ${theirs} µs and we need 100: the target is ${met ? "" : "not "}met`, () => {
    const comparison = handshakes.find((one) => one.name === name);
    assert.ok(comparison);
    const samples = new Map([sampled("connectum", 100), sampled("connect-node", theirs)]);
    const [ours, theirsMeasured] = resultsOf(comparison, samples);
    assert.equal(ours?.target, null);
    assert.equal(theirsMeasured?.target?.met, met);
  });
}

test("the time that a stream spends outside the codec is evaluated per message", () => {
  const { target } = codecResult(serverStream, 900, 1_500);
  assert.deepEqual([target?.value, target?.met], [0.6, true]);
  assert.equal(codecResult(serverStream, 900, 1_700).target?.met, false);
});

test("only ratios that fell by more than 15 % are reported: no smaller drops, no rises, no missing cases", () => {
  const recorded = { one: { "connect-node": 20, "grpc-js": 4 }, two: { "connect-node": 10 }, four: { limit: 0.5 } };
  const today = { one: { "connect-node": 16.9, "grpc-js": 8 }, three: { "connect-node": 1 }, four: { limit: 0.43 } };
  const complaints = fallen(recorded, today);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] ?? "", /^one: connect-node .*20, and is 16\.9/);
});

for (const [what, today, complaints] of [
  ["JavaScript is slow on this machine", { "connect-node": 20, "grpc-js": 4, limit: 0.2 }, 0],
  ["Rust is slow on this machine", { "connect-node": 10, "grpc-js": 2, limit: 0.5 }, 0],
  ["our server is slower than before", { "connect-node": 16, "grpc-js": 3.2, limit: 0.4 }, 3],
  ["our server is slower, and one peer too", { "connect-node": 20, "grpc-js": 3.2, limit: 0.4 }, 2],
  ["limit was not measured", { "connect-node": 16, "grpc-js": 4 }, 1],
] as const) {
  test(`a case is slower where both Rust's ratio and one of JavaScript's fell: ${what}`, () => {
    const recorded = { one: { "connect-node": 20, "grpc-js": 4, limit: 0.5 } };
    assert.equal(fallen(recorded, { one: today }).length, complaints);
  });
}

test("a baseline holds the ratio of each server, but not of the codec", () => {
  const results = [
    ...resultsFor(sampled("connectum", 10), sampled("connect-node", 250), sampled("limit", 5)),
    codecResult(subject, 2, 10),
  ];
  assert.deepEqual(baselineOf(results), { "grpc-unary": { "connect-node": 25, limit: 0.5 } });
});

for (const [file, text] of pages()) {
  test(`${file} shows the newest results of its engine, and nothing else`, () => {
    assert.ok(text.includes("| connectum "), "it has tables");
    assert.equal(readFileSync(join(root, file), "utf8"), text, 'write it again: "npm run bench -- --pages"');
  });

  test(`docs/performance.md links ${file} and says how many of its targets are met`, () => {
    const [verdict = ""] = /\d+ of \d+ targets met/.exec(text) ?? [];
    const document = readFileSync(join(root, "docs/performance.md"), "utf8");
    assert.ok(document.includes(`(../${file}), ${verdict}`), `it should say "${verdict}"`);
  });
}
