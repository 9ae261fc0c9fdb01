// The judgements of the benchmarks: what is a target met, what a ratio that has fallen, and where the tables go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baselineOf, fallen } from "../bench/baseline.ts";
import type { Case, ServerName } from "../bench/case.ts";
import grpcUnary from "../bench/cases/grpc-unary.ts";
import serverStream from "../bench/cases/server-stream.ts";
import type { Sample } from "../bench/measure.ts";
import { inDocument, verdictOf } from "../bench/report.ts";
import { byCpuTime, codecResult, resultsOf } from "../bench/results.ts";

const subject: Case = { ...grpcUnary, targets: { "connect-node": 25, limit: 2.5 } };

/** Samples of a server by the CPU time of each round. */
function sampled(server: ServerName, ...cpuTimes: number[]): [ServerName, Sample[]] {
  return [server, cpuTimes.map((cpuUsPerCall) => ({ cpuUsPerCall, callsPerSecond: 1, p50Us: 1, p99Us: 1, rssMib: 1 }))];
}

function resultsFor(...samples: [ServerName, Sample[]][]) {
  return resultsOf(byCpuTime(subject), new Map(samples));
}

test("a ratio is that of one round, and the median of the rounds counts", () => {
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

test("what the codec leaves of a stream is judged by the message", () => {
  const { target } = codecResult(serverStream, 900, 1_500);
  assert.deepEqual([target?.value, target?.met], [0.6, true]);
  assert.equal(codecResult(serverStream, 900, 1_700).target?.met, false);
});

test("a ratio that has fallen by more than 15 % is named; a smaller fall, a rise, and what is not measured are not", () => {
  const recorded = { one: { "connect-node": 20, limit: 0.5, "grpc-js": 4 }, two: { "connect-node": 10 } };
  const today = { one: { "connect-node": 16.9, limit: 0.43, "grpc-js": 8 }, three: { "connect-node": 1 } };
  const complaints = fallen(recorded, today);
  assert.equal(complaints.length, 1);
  assert.match(complaints[0] ?? "", /^one: connect-node .*20, and is 16\.9/);
});

test("a baseline has the ratios of the servers, and not the codec's", () => {
  const results = [
    ...resultsFor(sampled("connectum", 10), sampled("connect-node", 250), sampled("limit", 5)),
    codecResult(subject, 2, 10),
  ];
  assert.deepEqual(baselineOf(results), { "grpc-unary": { "connect-node": 25, limit: 0.5 } });
});

test("tables go where a document has a place for their engine, and nowhere else", () => {
  const document =
    "a\n<!-- begin node-20 -->\nold\n<!-- end node-20 -->\nb\n<!-- begin node-24 -->\n<!-- end node-24 -->\n";
  const written = inDocument(document, "node-20", "new");
  assert.equal(written, document.replace("\nold\n", "\n\nnew\n\n"));
  assert.throws(() => inDocument(document, "node-22", "new"), /begin node-22/);
});
