// Checks of dependencies: their results, their timing, and what the log gets.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deferred } from "../../../__test__/support/deferred.ts";
import { eventually } from "../../../__test__/support/eventually.ts";
import { failOnProcessFaults } from "../../../__test__/support/process-faults.ts";
import type { DependencyCheck } from "./dependency-check.ts";
import { DependencyChecks } from "./dependency-checks.ts";
import { createHealthcheckManager } from "./healthcheck-manager.ts";
import { type HealthcheckOptions, resolveOptions } from "./healthcheck-options.ts";
import { ServingStatus } from "./serving-status.ts";

failOnProcessFaults();

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

/** Checks with a manager, and the lines of the log. */
function checking(t: TestContext, checks: Record<string, DependencyCheck>, options: HealthcheckOptions = {}) {
  const manager = options.manager ?? createHealthcheckManager();
  const log: unknown[][] = [];
  const logger = { error: (...line: unknown[]) => void log.push(line) };
  const all = new DependencyChecks(resolveOptions({ logger, checkInterval: 5, ...options, manager, checks }, {}));
  let isRunning = false;
  const start = () => {
    all.start();
    isRunning = true;
  };
  const stop = () => {
    if (isRunning) all.stop();
    isRunning = false;
  };
  t.after(stop);
  const status = (name: string) => manager.getStatus(name)?.status;
  return { manager, log, start, stop, status };
}

const results: [string, DependencyCheck, ServingStatus][] = [
  ["nothing", () => {}, SERVING],
  ["true", () => true, SERVING],
  ["a promise of nothing", async () => {}, SERVING],
  ["a promise of true", () => Promise.resolve(true), SERVING],
  ["SERVING", () => SERVING, SERVING],
  ["SERVICE_UNKNOWN", () => SERVICE_UNKNOWN, SERVICE_UNKNOWN],
];

for (const [what, check, expected] of results) {
  // contract: HC-checks
  test(`a check that returns ${what}: its component is ${ServingStatus[expected]}, and the log is empty`, async (t) => {
    const { start, status, log } = checking(t, { db: check });
    start();
    await eventually(() => status("db") === expected, `${ServingStatus[expected]}`);
    assert.deepEqual(log, []);
  });
}

test("a log whose promise rejects does not end the process", async (t) => {
  const logger = { error: () => Promise.reject(new Error("the log is full")) };
  const { start, status } = checking(t, { db: () => false }, { logger } as unknown as HealthcheckOptions);
  start();
  await eventually(() => status("db") === NOT_SERVING, "NOT_SERVING");
  await sleep(20); // A rejection that nobody handles would be a fault of the process by then.
});

test("a check that returns UNKNOWN leaves its component UNKNOWN", async (t) => {
  let runs = 0;
  const { start, status, log } = checking(t, { db: () => (++runs > 2 ? UNKNOWN : SERVING) });
  start();
  await eventually(() => runs > 2 && status("db") === UNKNOWN, "UNKNOWN after SERVING");
  assert.deepEqual(log, []);
});

const failures: [string, DependencyCheck, RegExp][] = [
  [
    "throws",
    () => {
      throw new Error("no route");
    },
    /no route/,
  ],
  ["rejects", () => Promise.reject(new Error("refused")), /refused/],
  ["rejects with undefined", () => Promise.reject(undefined), /undefined/],
  ["returns a text", (() => "fine") as unknown as DependencyCheck, /a check returns .*, not "fine"/],
  ["returns null", (async () => null) as unknown as DependencyCheck, /a check returns .*, not null/],
  ["returns a number that is not a status", (() => 7) as unknown as DependencyCheck, /a check returns .*, not 7/],
  ["returns false", () => false, /it returned false/],
  ["returns a promise of false", async () => false, /it returned false/],
  ["returns NOT_SERVING", async () => NOT_SERVING, /it returned NOT_SERVING/],
  ["hangs", () => new Promise(() => {}), /it has not ended within 20 ms/],
];

for (const [what, check, reason] of failures) {
  // contract: HC-check-fails
  test(`a check that ${what}: its component is NOT_SERVING, and the log has the reason, once`, async (t) => {
    const { start, status, log } = checking(t, { db: check }, { checkTimeout: 20 });
    start();
    await eventually(() => status("db") === NOT_SERVING && log.length > 0, "NOT_SERVING");
    await sleep(30); // Some more runs, which must not be logged.
    assert.equal(log.length, 1);
    assert.match(String(log[0]?.[0]), /^health check 'db' failed/);
    assert.match(String(log[0]?.[1]), reason);
  });
}

// contract: HC-check-fails
test("a check that throws a value without a text: its component is NOT_SERVING, and the log gets the value, once", async (t) => {
  const nothing = Object.create(null);
  let runs = 0;
  const check = () => {
    runs += 1;
    throw nothing;
  };
  const { start, status, log } = checking(t, { db: check });
  start();
  await eventually(() => runs > 2, "some runs");
  assert.equal(status("db"), NOT_SERVING);
  assert.equal(log.length, 1);
  assert.equal(log[0]?.[1], nothing);
});

// contract: HC-check-fails
test("a log that throws does not disturb the checks, neither failing nor hanging ones", async (t) => {
  let lines = 0;
  const logger = {
    error() {
      lines += 1;
      throw new Error("the disk is full");
    },
  };
  const checks = { fails: () => Promise.reject(new Error("refused")), hangs: () => new Promise<void>(() => {}) };
  const { start, status } = checking(t, checks, { logger, checkTimeout: 20 });
  start();
  await eventually(() => lines === 2, "both have been logged");
  assert.deepEqual([status("fails"), status("hangs")], [NOT_SERVING, NOT_SERVING]);
});

// contract: HC-check-fails
test("a reason is logged again when it changes, and when it returns after a success", async (t) => {
  const outcomes = ["a", "a", "b", undefined, "b"];
  const check = () => {
    const outcome = outcomes.shift();
    if (outcome !== undefined) throw new Error(outcome);
  };
  const { start, log } = checking(t, { db: check });
  start();
  await eventually(() => outcomes.length === 0, "all runs");
  assert.deepEqual(
    log.map(([, error]) => String(error)),
    ["Error: a", "Error: b", "Error: b"],
  );
});

// contract: HC-checks
test("components are added at once, as UNKNOWN; an update of all entries does not change them", async (t) => {
  const { promise: finished, resolve: finish } = deferred();
  const { manager, start, status } = checking(t, { db: () => new Promise(() => {}), cache: () => finished });
  manager.register("other");
  start();
  assert.deepEqual([status("db"), status("cache")], [UNKNOWN, UNKNOWN]);
  manager.update(SERVING);
  assert.deepEqual([status("db"), status("other")], [UNKNOWN, SERVING]);
  assert.equal(manager.areAllHealthy(), false);
  finish();
  await eventually(() => status("cache") === SERVING, "the result of the last check");
  // The application may set it by name, until the next result.
  manager.update(NOT_SERVING, "cache");
  assert.equal(status("cache"), NOT_SERVING);
});

// contract: HC-check-times
test("a check runs at once and then every interval, one run at a time", async (t) => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const check = async () => {
    runs += 1;
    running += 1;
    most = Math.max(most, running);
    await sleep(12); // Longer than two intervals.
    running -= 1;
  };
  const { start } = checking(t, { db: check });
  start();
  assert.equal(runs, 1);
  await eventually(() => runs >= 4, "four runs");
  assert.equal(most, 1);
});

// contract: HC-check-times
test("a check that ignores its timeout is run again only when it has ended, and its late result does not count", async (t) => {
  const signals: AbortSignal[] = [];
  const { promise: finished, resolve: finish } = deferred();
  const check = (signal: AbortSignal) => {
    signals.push(signal);
    return signals.length > 1 ? NOT_SERVING : finished;
  };
  const { manager, start, status } = checking(t, { db: check }, { checkTimeout: 10 });
  start();
  const reported: unknown[] = [];
  manager.subscribe((changes) => reported.push(...changes));
  await eventually(() => status("db") === NOT_SERVING, "the timeout");
  assert.equal(signals[0]?.aborted, true);
  assert.match(String(signals[0]?.reason), /it has not ended within 10 ms/);
  await sleep(30); // Six intervals.
  assert.equal(signals.length, 1);
  finish();
  await eventually(() => signals.length > 1, "the next run");
  assert.deepEqual(reported, [["db", NOT_SERVING]]);
});

// contract: HC-check-times
test("stop() aborts running checks, ends the timers, and removes the components that the checks added", async (t) => {
  const signals: AbortSignal[] = [];
  const check = async (signal: AbortSignal) => {
    signals.push(signal);
    if (!signal.aborted) await once(signal, "abort");
    throw signal.reason;
  };
  const { manager, start, stop, status, log } = checking(t, { db: check, cache: check });
  manager.register("cache", SERVING);
  start();
  stop();
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
  assert.deepEqual([status("db"), status("cache")], [undefined, UNKNOWN]);
  await sleep(20); // Four intervals.
  assert.equal(signals.length, 2);
  assert.deepEqual(log, []);
  manager.update(SERVING);
  assert.equal(status("cache"), SERVING);
});

test("two Healthcheck() with one manager may set the same component: it stays until both have ended", async (t) => {
  const manager = createHealthcheckManager();
  const [one, other] = [checking(t, { db: () => {} }, { manager }), checking(t, { db: () => {} }, { manager })];
  one.start();
  await eventually(() => one.status("db") === SERVING, "SERVING");
  other.start();
  assert.equal(one.status("db"), SERVING);
  one.stop();
  manager.update(NOT_SERVING);
  assert.equal(one.status("db"), SERVING);
  other.stop();
  assert.equal(one.status("db"), undefined);
});

// contract: HC-12, HC-13
test("a check with the name of a service does not start, and neither do the others", (t) => {
  let runs = 0;
  const check = () => {
    runs += 1;
  };
  const { manager, start, status } = checking(t, { db: check, Bare: check });
  manager.initialize(["Bare"]);
  assert.throws(start, /^Error: Name 'Bare' is a registered RPC service, not a component$/);
  assert.deepEqual([runs, status("db"), status("Bare")], [0, undefined, UNKNOWN]);
});

test("a result that cannot be recorded is logged", async (t) => {
  const { manager, start, log } = checking(t, { db: () => {} });
  start();
  const end = manager.subscribe(() => {
    throw new Error("no room");
  });
  await eventually(() => log.length > 0, "a line");
  end();
  assert.match(String(log[0]?.[0]), /the result of the health check 'db' could not be recorded/);
});

// contract: HC-check-times
test("checks do not keep the process alive", { timeout: 20_000 }, async () => {
  const source = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { DependencyChecks } from ${source("./dependency-checks.ts")};
    import { resolveOptions } from ${source("./healthcheck-options.ts")};
    new DependencyChecks(resolveOptions({ checks: { hangs: () => new Promise(() => {}), ends() {} } }, {})).start();
    console.log("started");
  `;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  const cwd = fileURLToPath(new URL("../../..", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  assert.equal(stdout, "started\n");
});
