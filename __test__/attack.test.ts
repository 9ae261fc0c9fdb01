// The judgement of attacks: each check fails for what it is about and for nothing else, and an attack that does nothing
// fails, too.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { Attack } from "../attack/attack.ts";
import { allAttacks, attacks } from "../attack/attacks/index.ts";
import { checkNames, complaintsOf } from "../attack/checks.ts";
import { experiments } from "../attack/experiments.ts";
import type { Measured, Remains } from "../attack/measured.ts";
import { mutated, randomFrom } from "../attack/mutation.ts";
import { growthVerdict, summary, verdictOf } from "../attack/report.ts";
import { runRound } from "../attack/run-round.ts";
import { type TrialChanges, trialOf } from "../attack/trial.ts";
import { serveEcho } from "./support/serve-echo.ts";

const attack: Attack = {
  name: "knocks",
  title: "connections that are opened",
  strikes: 3,
  perSecond: 100,
  async strike(round) {
    await round.connect();
    round.count("knocks");
  },
  proof: { knocks: 1 },
};

/** The bystander's calls of a round. */
const calls = (ms: number, failures: Record<string, number> = {}) => ({ latencies: Array(200).fill(ms), failures });

const remains: Remains = {
  peakMib: 128,
  afterMib: 64,
  heapUsed: 0,
  arrayBuffers: 0,
  descriptors: 0,
  started: 7,
  running: {},
  settleMs: 300,
  refill: ["0", "0"],
  stopMs: 600,
};

/** As bad as it may be. */
const allowed: Measured = {
  traffic: { planned: 3, made: 3, bytes: 100, calls: 7, counts: { knocks: 3 }, failures: [] },
  attacked: [calls(11), calls(11), calls(11)],
  control: [calls(1), calls(1), calls(1)],
  remains,
  exit: "0",
};

const { remains: _, ...dead } = { ...allowed, exit: "SIGABRT" };
const after = (changed: Partial<Remains>): Measured => ({ ...allowed, remains: { ...remains, ...changed } });
const sent = (changed: Partial<Measured["traffic"]>): Measured => ({
  ...allowed,
  traffic: { ...allowed.traffic, ...changed },
});

/** Each is wrong in one respect: the check that fails, and what it says. */
const wrong: readonly [check: string, says: RegExp, measured: Measured][] = [
  ["happened", /^only 2 of 3 strikes were made$/, sent({ made: 2, counts: { knocks: 2 } })],
  ["happened", /^only 0 of 0 strikes/, sent({ planned: 0, made: 0 })],
  [
    "happened",
    /would be 3.0 knocks, and it has 2; 1 failed, the first with: E/,
    sent({ counts: { knocks: 2 }, failures: ["E"] }),
  ],
  ["lives", /ended during the attack: SIGABRT$/, dead],
  ["stops", /ended with 1, not with 0$/, { ...allowed, exit: "1" }],
  ["stops", /took 3,100 ms to stop/, after({ stopMs: 3_100 })],
  ["peak", /^RSS rose by 129 MiB, of 128 allowed$/, after({ peakMib: 129 })],
  ["after", /^RSS was still 65 MiB higher after 0.3 s/, after({ afterMib: 65 })],
  ["handlers", /^8 handlers were started for 7 calls$/, after({ started: 8 })],
  ["left", /^2 descriptors, 1 Echo were left/, after({ descriptors: 2, running: { Echo: 1 } })],
  ["budget", /^of 3 calls .* 1 failed: 14$/, after({ refill: ["0", "14", "0"] })],
  ["budget", /^of 0 calls/, after({ refill: [] })],
  [
    "others",
    /^of 600 calls .* failed: 1 with 4, 2 with 14$/,
    { ...allowed, attacked: [calls(1, { 14: 1 }), calls(1, { 14: 1, 4: 1 }), calls(1)] },
  ],
  [
    "latency",
    /p99 was 11 ms, and 1.0 ms while another/,
    { ...allowed, attacked: [calls(1), calls(11.1), calls(11.1)] },
  ],
  ["latency", /p99 was 41 ms, and 20 ms while/, { ...allowed, attacked: [calls(41)], control: [calls(20)] }],
  ["latency", /NaN/, { ...allowed, control: [calls(Number.NaN)] }],
];

test("a server that is as bad as it may be passes", () => {
  assert.deepEqual(complaintsOf(trialOf(attack), allowed), []);
});

for (const [check, says, measured] of wrong) {
  test(`the check "${check}" says ${says}`, () => {
    const complaints = complaintsOf(trialOf(attack), measured);
    assert.deepEqual(
      complaints.map((complaint) => complaint.check),
      [check],
    );
    assert.match(complaints[0]?.text ?? "", says);
  });
}

test("every check can fail", () => {
  assert.deepEqual(new Set(wrong.map(([check]) => check)), new Set(checkNames));
});

test("one slow round of five is not the server's", () => {
  const attacked = [calls(50), ...Array(4).fill(calls(1))];
  assert.deepEqual(complaintsOf(trialOf(attack), { ...allowed, attacked }), []);
});

test("an experiment has its own limits, and only its own checks", () => {
  const slow: Measured = { ...after({ peakMib: 33, descriptors: 1 }), attacked: [calls(22)] };
  const strict: TrialChanges = {
    limits: { peakMib: 32, latencyOf: "slowest", latencyFactor: 1, latencyExtraMs: 20 },
    checks: ["peak", "latency"],
  };
  assert.deepEqual(
    complaintsOf(trialOf(attack, strict), slow).map(({ check }) => check),
    ["peak", "latency"],
  );
});

test("the summary has a sentence for each check that failed, and the count", () => {
  const bad = verdictOf(trialOf(attack), { ...after({ peakMib: 129, afterMib: 65 }), exit: "0" });
  const text = summary([bad, verdictOf(trialOf(attack), allowed), growthVerdict("grows", "", 17, 16)]);
  assert.match(
    text,
    /knocks: RSS rose .*\.\nknocks: RSS was still .*\.\ngrows: it grew by 17.0 MiB.*\.\n1 passed, 2 failed$/,
  );
});

test("every attack has a name of its own in kebab-case, and a proof", () => {
  const names = allAttacks.map(({ name }) => name);
  assert.ok(attacks.length >= 40, "there are many");
  assert.equal(new Set(names).size, names.length);
  for (const { name, proof, strikes, perSecond } of allAttacks) {
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(
      Object.values(proof).some((share) => share > 0),
      `${name} would be proved by nothing`,
    );
    assert.ok(strikes > 0 && perSecond > 0);
  }
  assert.equal(new Set(experiments.map(({ name }) => name)).size, experiments.length);
});

test("the mutations of a seed are always the same", () => {
  const bytes = Buffer.from("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}");
  const all = (seed: number) =>
    Array.from({ length: 200 }, (_, at) => mutated(bytes, randomFrom(seed + at)).toString("hex"));
  assert.deepEqual(all(1), all(1));
  assert.notDeepEqual(all(1), all(1_000));
  assert.ok(new Set(all(1)).size > 190, "they differ from each other");
});

test("a round makes its strikes, and leaves no connection", { timeout: 20_000 }, async (t) => {
  const { port } = await serveEcho(t, {});
  const opened: Socket[] = [];
  const strike: Attack["strike"] = async (round) => {
    opened.push(await round.connect());
    round.count("knocks");
  };
  const plan = { port, strikes: 3, perSecond: 100, strikesBefore: 0, ms: 100, seed: 1 };
  const traffic = await runRound({ ...attack, strike }, plan);
  assert.deepEqual(traffic, { planned: 3, made: 3, bytes: 0, calls: 0, counts: { knocks: 3 }, failures: [] });
  assert.deepEqual(
    opened.map(({ destroyed }) => destroyed),
    [true, true, true],
  );
});

test("an attack that does nothing, or fails, is no attack", { timeout: 20_000 }, async (t) => {
  const { port } = await serveEcho(t, {});
  const plan = { port, strikes: 3, perSecond: 100, strikesBefore: 0, ms: 10, seed: 1 };
  const judged = async (strike: Attack["strike"]) => {
    const traffic = await runRound({ ...attack, strike }, plan);
    return complaintsOf(trialOf(attack, { checks: ["happened"] }), { ...allowed, traffic }).map(({ text }) => text);
  };
  assert.match((await judged(async () => {})).join(), /3.0 knocks, and it has 0$/);
  const failing = async () => Promise.reject(new Error("no"));
  assert.match((await judged(failing)).join(), /3 failed, the first with: Error: no$/);
});
