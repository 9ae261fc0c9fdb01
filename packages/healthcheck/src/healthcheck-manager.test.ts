import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthSink } from "@connectum/core/types";
import { createHealthcheckManager, HealthcheckManager, healthcheckManager, tableOf } from "./healthcheck-manager.ts";
import { ServingStatus } from "./serving-status.ts";
import type { StatusChange } from "./status-table.ts";

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

/** A manager with two services and a component, and what it has told since. */
function managed() {
  const manager = createHealthcheckManager();
  manager.initialize(["a.One", "a.Two"]);
  manager.register("db");
  const told: (readonly StatusChange[])[] = [];
  manager.subscribe((changes) => told.push(changes));
  const statuses = () => Object.fromEntries([...manager.getAllStatuses()].map(([name, { status }]) => [name, status]));
  return { manager, told, statuses };
}

// contract: HC-status
test("ServingStatus is an enum object, by name and by number", () => {
  assert.deepEqual([UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN], [0, 1, 2, 3]);
  assert.deepEqual(
    [0, 1, 2, 3].map((status) => ServingStatus[status]),
    ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"],
  );
});

// contract: HC-6, HC-subscribe
test("an update without a name sets all entries, and tells of them once", () => {
  const { manager, told, statuses } = managed();
  manager.update(SERVING);
  assert.deepEqual(statuses(), { "a.One": SERVING, "a.Two": SERVING, db: SERVING });
  manager.update(SERVING);
  manager.update(NOT_SERVING, undefined);
  assert.deepEqual(
    told,
    [SERVING, NOT_SERVING].map((status) => [
      ["a.One", status],
      ["a.Two", status],
      ["db", status],
    ]),
  );
});

// contract: HC-6, HC-remembered
test("an update without a name before there are services is applied to the first of them, once", () => {
  const manager = new HealthcheckManager();
  manager.register("db");
  manager.update(SERVING);
  assert.equal(manager.getStatus("db")?.status, SERVING);
  manager.initialize(["a.One"]);
  manager.initialize(["a.One", "a.Two"]);
  assert.deepEqual(
    [manager.getStatus("a.One"), manager.getStatus("a.Two")],
    [{ status: SERVING }, { status: UNKNOWN }],
  );
});

// contract: HC-remembered
test("of several such updates the last counts, and clear() forgets it", () => {
  const manager = new HealthcheckManager();
  manager.update(SERVING);
  manager.update(NOT_SERVING);
  manager.initialize(["a.One"]);
  assert.equal(manager.getStatus("a.One")?.status, NOT_SERVING);
  const cleared = new HealthcheckManager();
  cleared.update(SERVING);
  cleared.clear();
  cleared.initialize(["a.One"]);
  assert.equal(cleared.getStatus("a.One")?.status, UNKNOWN);
});

// contract: HC-remembered
test("on a manager that has had services an update without a name is not remembered", () => {
  const manager = new HealthcheckManager();
  manager.initialize([]);
  manager.update(SERVING);
  manager.initialize(["a.One"]);
  assert.equal(manager.getStatus("a.One")?.status, UNKNOWN);
});

// contract: HC-7
test("an update with a name sets that entry, of either kind, and it stays of its kind", () => {
  const { manager, told, statuses } = managed();
  manager.update(SERVING, "a.Two");
  manager.update(NOT_SERVING, "db");
  assert.deepEqual(statuses(), { "a.One": UNKNOWN, "a.Two": SERVING, db: NOT_SERVING });
  assert.deepEqual(told, [[["a.Two", SERVING]], [["db", NOT_SERVING]]]);
  assert.throws(() => manager.unregister("a.Two"), /is a registered RPC service/);
  manager.unregister("db");
});

// contract: HC-8
test("an update of a name that is not known throws, and says which are; the empty one is a name", () => {
  const { manager, told } = managed();
  for (const name of ["x", ""]) {
    assert.throws(() => manager.update(SERVING, name), {
      name: "Error",
      message: `Unknown service '${name}'. Registered services: a.One, a.Two, db`,
    });
  }
  assert.deepEqual(told, []);
});

// contract: HC-9
test("every status can be set; what is none is refused", () => {
  const { manager } = managed();
  for (const status of [SERVICE_UNKNOWN, UNKNOWN, 7 as ServingStatus]) {
    manager.update(status, "a.One");
    assert.equal(manager.getStatus("a.One")?.status, status);
  }
  for (const [value, text] of [
    ["SERVING", '"SERVING"'],
    [-1, "-1"],
    [1.5, "1.5"],
  ] as const) {
    const message = new RegExp(`: status must be one of ServingStatus, not ${text}$`);
    const wrong = value as unknown as ServingStatus;
    for (const act of [
      () => manager.update(wrong),
      () => manager.set("db", wrong),
      () => manager.register("x", wrong),
    ]) {
      assert.throws(act, { name: "TypeError", message });
    }
  }
});

// contract: HC-10, HC-11
test("a component is registered once, before or after there are services", () => {
  const manager = new HealthcheckManager();
  manager.register("early", SERVING);
  manager.initialize(["a.One"]);
  manager.register("late");
  manager.register("early", NOT_SERVING);
  assert.deepEqual(
    [...manager.getAllStatuses()],
    [
      ["early", { status: SERVING }],
      ["a.One", { status: UNKNOWN }],
      ["late", { status: UNKNOWN }],
    ],
  );
});

const wrongNames = [
  ["", "Component name must not be empty"],
  [
    "dependency.db",
    "Component name 'dependency.db' must not contain dots: dotted names are reserved for RPC service typeNames",
  ],
  ["Bare", "Name 'Bare' is a registered RPC service, not a component"],
] as const;

for (const [name, message] of wrongNames) {
  // contract: HC-12, HC-13, HC-14
  test(`register() and set() refuse the name ${JSON.stringify(name)}`, () => {
    const manager = new HealthcheckManager();
    manager.initialize(["Bare"]);
    assert.throws(() => manager.register(name), { name: "Error", message });
    assert.throws(() => manager.set(name, SERVING), { name: "Error", message });
    assert.deepEqual([...manager.getAllStatuses()], [["Bare", { status: UNKNOWN }]]);
  });
}

// contract: HC-14
test("set() adds a component, or replaces its status", () => {
  const { manager, statuses } = managed();
  manager.set("cache", NOT_SERVING);
  manager.set("db", SERVING);
  assert.deepEqual(statuses(), { "a.One": UNKNOWN, "a.Two": UNKNOWN, db: SERVING, cache: NOT_SERVING });
});

// contract: HC-15
test("unregister() removes a component; no name is too strange, but a service's is refused", () => {
  const { manager, told } = managed();
  manager.unregister("db");
  for (const name of ["db", "", "not.there"]) manager.unregister(name);
  assert.equal(manager.getStatus("db"), undefined);
  assert.deepEqual(told, [[["db", null]]]);
  assert.throws(() => manager.unregister("a.One"), {
    message: "Name 'a.One' is a registered RPC service, not a component",
  });
});

// contract: HC-16, HC-17
test("what is read is the reader's own, and has a status only", () => {
  const { manager } = managed();
  const one = manager.getStatus("a.One");
  assert.deepEqual(one, { status: UNKNOWN });
  assert.notEqual(one, manager.getStatus("a.One"));
  assert.equal(manager.getStatus("nobody"), undefined);
  const all = manager.getAllStatuses();
  for (const entry of all.values()) entry.status = SERVING;
  all.clear();
  assert.deepEqual([...manager.getAllStatuses().keys()], ["a.One", "a.Two", "db"]);
  assert.equal(manager.areAllHealthy(), false);
});

// contract: HC-18
test("all are healthy when there are some and each is SERVING", () => {
  const { manager } = managed();
  assert.equal(new HealthcheckManager().areAllHealthy(), false);
  assert.equal(manager.areAllHealthy(), false);
  manager.update(SERVING);
  assert.equal(manager.areAllHealthy(), true);
  for (const status of [UNKNOWN, NOT_SERVING, SERVICE_UNKNOWN]) {
    manager.set("db", status);
    assert.equal(manager.areAllHealthy(), false, ServingStatus[status]);
  }
});

// contract: HC-19, HC-21, HC-23
test("initialize() replaces the services, keeps the status of those that stay, leaves components, and tells once", () => {
  const { manager, told } = managed();
  manager.update(SERVING);
  told.length = 0;
  manager.initialize(["a.Two", "a.Three", "a.Two", "a.Three"]);
  assert.deepEqual(
    [...manager.getAllStatuses()],
    [
      ["a.Two", { status: SERVING }],
      ["db", { status: SERVING }],
      ["a.Three", { status: UNKNOWN }],
    ],
  );
  assert.deepEqual(told, [
    [
      ["a.One", null],
      ["a.Three", UNKNOWN],
    ],
  ]);
});

// contract: HC-20
test("initialize() leaves a component that has the name of a service", () => {
  const manager = new HealthcheckManager();
  manager.register("Bare", SERVING);
  manager.initialize(["Bare", "a.One"]);
  assert.equal(manager.getStatus("Bare")?.status, SERVING);
  manager.unregister("Bare");
});

// contract: HC-22
test("clear() removes both kinds, and tells of it", () => {
  const { manager, told, statuses } = managed();
  manager.clear();
  manager.clear();
  assert.deepEqual(statuses(), {});
  assert.deepEqual(told, [
    [
      ["a.One", null],
      ["a.Two", null],
      ["db", null],
    ],
  ]);
  manager.register("a");
});

// contract: HC-23
test("there is one manager that all share, and as many others as one makes", () => {
  assert.ok(healthcheckManager instanceof HealthcheckManager);
  assert.notEqual(createHealthcheckManager(), healthcheckManager);
  assert.notEqual(createHealthcheckManager(), createHealthcheckManager());
});

// contract: HC-24
test("two servers with one manager replace each other's services", () => {
  const manager = new HealthcheckManager();
  manager.initialize(["first.Service"]);
  manager.initialize(["second.Service"]);
  assert.deepEqual([...manager.getAllStatuses().keys()], ["second.Service"]);
});

// contract: HC-subscribe
test("who listens is told until it ends; each subscription ends by itself", () => {
  const { manager } = managed();
  const told: string[] = [];
  const listener = (changes: readonly StatusChange[]) => void told.push(changes.map(String).join(" "));
  const ends = [manager.subscribe(listener), manager.subscribe(listener)];
  manager.set("db", SERVING);
  ends[0]?.();
  ends[0]?.();
  manager.set("db", NOT_SERVING);
  ends[1]?.();
  manager.set("db", UNKNOWN);
  assert.deepEqual(told, ["db,1", "db,1", "db,2"]);
});

// contract: HC-subscribe
test("a change that a listener makes is told to all after the one it was told of", () => {
  const { manager } = managed();
  const told: string[] = [];
  manager.subscribe((changes) => {
    if (changes.some(([name, status]) => name === "db" && status === NOT_SERVING)) manager.set("derived", NOT_SERVING);
  });
  manager.subscribe((changes) => void told.push(...changes.map(String)));
  manager.set("db", NOT_SERVING);
  assert.deepEqual(told, ["db,2", "derived,2"]);
});

// contract: HC-subscribe
test("what a listener throws the act throws, once everybody has been told", () => {
  const { manager } = managed();
  const told: unknown[] = [];
  const end = manager.subscribe(() => {
    throw new Error("no room");
  });
  manager.subscribe((changes) => told.push(changes));
  assert.throws(() => manager.set("db", SERVING), /^Error: no room$/);
  assert.equal(manager.getStatus("db")?.status, SERVING);
  end();
  manager.set("db", NOT_SERVING);
  assert.deepEqual(told, [[["db", SERVING]], [["db", NOT_SERVING]]]);
});

/** A server, as far as a manager sees it. */
function sink(lag: number): HealthSink & { readonly told: unknown[] } {
  const told: unknown[] = [];
  return { told, set: (changes) => void told.push(changes), eventLoopLagMs: () => lag };
}

// contract: HC-lag, HC-once
test("a server is told all there is, then each change once; the largest lag of the servers is the manager's", () => {
  const { manager } = managed();
  assert.equal(manager.eventLoopLagMs, 0);
  const [slow, quick] = [sink(250), sink(3)];
  const detach = [slow, quick].map((one) => tableOf(manager).attach(one));
  assert.equal(manager.eventLoopLagMs, 250);
  manager.update(SERVING);
  detach[0]?.();
  assert.equal(manager.eventLoopLagMs, 3);
  manager.unregister("db");
  const everything = (status: ServingStatus) => ["a.One", "a.Two", "db"].map((name) => [name, status]);
  assert.deepEqual(slow.told, [everything(UNKNOWN), everything(SERVING)]);
  assert.deepEqual(quick.told, [everything(UNKNOWN), everything(SERVING), [["db", null]]]);
  detach[1]?.();
  assert.equal(manager.eventLoopLagMs, 0);
});
