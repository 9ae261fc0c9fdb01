// Shutdown hooks: order, failures and cycles; and the handling of process signals.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { deferred } from "../../../../__test__/support/deferred.ts";
import { ShutdownHooks, watchSignals } from "./shutdown.ts";

/** Makes hooks that log when they begin and end. */
function recorder() {
  const log: string[] = [];
  const hook =
    (name: string, milliseconds = 5) =>
    async () => {
      log.push(`${name} begins`);
      await sleep(milliseconds);
      log.push(`${name} ends`);
    };
  return { log, hook };
}

// contract: H2
test("a hook runs when all its dependencies have ended, in whatever order they were added", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  const { promise: afterDatabase, resolve: databaseEnded } = deferred();
  hooks.add("server", ["database", "cache"], hook("server"));
  hooks.add("database", ["log"], () => hook("database")().then(databaseEnded));
  // It ends after "database", however slow timers are on a busy machine, so that the order of the log is known.
  hooks.add("cache", [], async () => {
    log.push("cache begins");
    await afterDatabase;
    log.push("cache ends");
  });
  hooks.add("log", [], hook("log"));
  assert.deepEqual(await hooks.run(0), []);
  assert.deepEqual(log.splice(0, 2).sort(), ["cache begins", "log begins"], "concurrently");
  assert.deepEqual(log, ["log ends", "database begins", "database ends", "cache ends", "server begins", "server ends"]);
});

// contract: H1, H2
test("independent hooks run concurrently, and so do hooks with the same name", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  hooks.add(undefined, [], hook("anonymous one"));
  hooks.add(undefined, [], hook("anonymous two"));
  hooks.add("named", [], hook("named one"));
  hooks.add("named", [], hook("named two"));
  await hooks.run(0);
  assert.deepEqual(
    log.slice(0, 4),
    ["anonymous one", "anonymous two", "named one", "named two"].map((name) => `${name} begins`),
  );
});

// contract: H1
test("hooks with the same name share all their dependencies", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  hooks.add("named", ["first"], hook("named one"));
  hooks.add("named", ["second"], hook("named two"));
  hooks.add("first", [], hook("first"));
  hooks.add("second", [], hook("second", 20));
  await hooks.run(0);
  assert.deepEqual(log.slice(0, 4), ["first begins", "second begins", "first ends", "second ends"]);
});

// contract: H2
test("a module runs once, however many modules depend on it", async () => {
  const hooks = new ShutdownHooks();
  let runs = 0;
  hooks.add("base", [], () => {
    runs += 1;
  });
  for (const name of ["a", "b", "c"]) hooks.add(name, ["base"], () => {});
  await hooks.run(0);
  assert.equal(runs, 1);
});

// contract: H3
test("a dependency that was never added counts as ended; it may be added later", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  hooks.add("a", ["never added", "added later"], hook("a"));
  hooks.add("added later", [], hook("added later"));
  await hooks.run(0);
  assert.deepEqual(log, ["added later begins", "added later ends", "a begins", "a ends"]);
});

const cycles: Record<string, [string, string[]][]> = {
  "on itself": [["a", ["a"]]],
  "through another": [
    ["a", ["b"]],
    ["b", ["a"]],
  ],
  "through many": [
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["d"]],
    ["d", ["x", "a"]],
  ],
  "closed by a second hook of the name": [
    ["a", []],
    ["b", ["a"]],
    ["a", ["b"]],
  ],
};

for (const [what, registrations] of Object.entries(cycles)) {
  // contract: H4
  test(`a dependency ${what} is rejected when it is added, and earlier hooks stay`, async () => {
    const hooks = new ShutdownHooks();
    const ran: string[] = [];
    const last = registrations.pop() ?? assert.fail();
    for (const [name, dependencies] of registrations) hooks.add(name, dependencies, () => void ran.push(name));
    assert.throws(() => hooks.add(last[0], last[1], () => void ran.push("rejected")), {
      name: "Error",
      message: `Adding shutdown handler "${last[0]}" would create a dependency cycle`,
    });
    assert.deepEqual(await hooks.run(0), []);
    assert.deepEqual(ran.sort(), registrations.map(([name]) => name).sort());
  });
}

test("the check for cycles stays fast for many modules with branching dependencies", () => {
  const hooks = new ShutdownHooks();
  const before = performance.now();
  // Each module depends on the two before it: the number of paths doubles about every other step.
  for (let index = 0; index < 60; index += 1) {
    hooks.add(
      `m${index}`,
      [`m${index - 1}`, `m${index - 2}`].filter((name) => !name.includes("-")),
      () => {},
    );
    if (performance.now() - before > 2_000) assert.fail(`${index} modules took more than two seconds`);
  }
});

// contract: X9
test("a failed hook stops only its dependents; failures are returned in order of time", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  const [late, early] = [new Error("late"), new Error("early")];
  hooks.add("late", [], async () => {
    await sleep(10);
    throw late;
  });
  hooks.add("early", [], () => {
    throw early;
  });
  hooks.add("dependent", ["early"], hook("dependent"));
  hooks.add("its dependent", ["dependent"], hook("its dependent"));
  hooks.add("independent", [], hook("independent", 20));
  assert.deepEqual(await hooks.run(0), [
    { name: "early", error: early },
    { name: "late", error: late },
  ]);
  assert.deepEqual(log, ["independent begins", "independent ends"]);
});

// contract: H6
test("a hook that throws synchronously prevents later hooks of its name; one that rejects does not", async () => {
  const { log, hook } = recorder();
  const hooks = new ShutdownHooks();
  hooks.add("throws", [], hook("before"));
  hooks.add("throws", [], () => {
    throw new Error("at once");
  });
  hooks.add("throws", [], hook("never called"));
  hooks.add("rejects", [], () => Promise.reject(new Error("later")));
  hooks.add("rejects", [], hook("called"));
  assert.equal((await hooks.run(0)).length, 2);
  assert.deepEqual(log, ["before begins", "called begins", "before ends", "called ends"]);
});

test("a failure may be any value", async () => {
  const hooks = new ShutdownHooks();
  hooks.add(undefined, [], () => Promise.reject(undefined));
  assert.deepEqual(await hooks.run(0), [{ name: undefined, error: undefined }]);
});

test("signals are handled until unwatch is called", () => {
  const seen: string[] = [];
  const before = process.listenerCount("SIGUSR2");
  const unwatch = watchSignals(["SIGUSR2", "SIGHUP"], (signal) => seen.push(signal));
  process.emit("SIGUSR2", "SIGUSR2");
  process.emit("SIGHUP", "SIGHUP");
  unwatch();
  assert.deepEqual(seen, ["SIGUSR2", "SIGHUP"]);
  assert.equal(process.listenerCount("SIGUSR2"), before);
});

test("a hook that takes longer than it may has failed, and those that depend on it do not run", async () => {
  const hooks = new ShutdownHooks();
  const ran: string[] = [];
  const never = () => new Promise<void>(() => {});
  hooks.add("database", [], never);
  hooks.add("database", [], async () => void ran.push("beside it"));
  hooks.add("server", ["database"], () => void ran.push("server"));
  hooks.add(undefined, [], never);
  hooks.add("log", [], async () => void ran.push("log"));
  const failures = await hooks.run(20);
  assert.deepEqual(failures.map(({ error }) => String(error)).sort(), [
    "Error: a shutdown hook did not end within shutdown.hookTimeout (20 ms)",
    'Error: the shutdown hook "database" did not end within shutdown.hookTimeout (20 ms)',
  ]);
  assert.deepEqual(ran.sort(), ["beside it", "log"]);
});
