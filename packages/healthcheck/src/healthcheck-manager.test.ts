// The manager: updates, components, services, and listeners.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthSink } from "@connectum/core/types";
import { createHealthcheckManager, HealthcheckManager, healthcheckManager, tableOf } from "./healthcheck-manager.ts";
import { ServingStatus } from "./serving-status.ts";
import type { StatusChange } from "./status-table.ts";

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

/** A manager with two services and a component, and the changes that it reports. */
function managed() {
  const manager = createHealthcheckManager();
  manager.initialize(["a.One", "a.Two"]);
  manager.register("db");
  const reported: (readonly StatusChange[])[] = [];
  manager.subscribe((changes) => reported.push(changes));
  const statuses = () => Object.fromEntries([...manager.getAllStatuses()].map(([name, { status }]) => [name, status]));
  return { manager, reported, statuses };
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
test("an update without a name sets all entries, in one batch of changes", () => {
  const { manager, reported, statuses } = managed();
  manager.update(SERVING);
  assert.deepEqual(statuses(), { "a.One": SERVING, "a.Two": SERVING, db: SERVING });
  manager.update(SERVING);
  manager.update(NOT_SERVING, undefined);
  assert.deepEqual(
    reported,
    [SERVING, NOT_SERVING].map((status) => [
      ["a.One", status],
      ["a.Two", status],
      ["db", status],
    ]),
  );
});

// contract: HC-6, HC-remembered
test("an update without a name that comes before the services is applied to the first ones, once", () => {
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
test("of several such updates the last one counts, and clear() drops it", () => {
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
test("once a manager has had services, an update without a name is not kept for later ones", () => {
  const manager = new HealthcheckManager();
  manager.initialize([]);
  manager.update(SERVING);
  manager.initialize(["a.One"]);
  assert.equal(manager.getStatus("a.One")?.status, UNKNOWN);
});

// contract: HC-7
test("an update with a name sets that entry, which stays a service or a component", () => {
  const { manager, reported, statuses } = managed();
  manager.update(SERVING, "a.Two");
  manager.update(NOT_SERVING, "db");
  assert.deepEqual(statuses(), { "a.One": UNKNOWN, "a.Two": SERVING, db: NOT_SERVING });
  assert.deepEqual(reported, [[["a.Two", SERVING]], [["db", NOT_SERVING]]]);
  assert.throws(() => manager.unregister("a.Two"), /is a registered RPC service/);
  manager.unregister("db");
});

// contract: HC-8
test("an update of an unknown name throws and lists the known ones; the empty name is a name, too", () => {
  const { manager, reported } = managed();
  for (const name of ["x", ""]) {
    assert.throws(() => manager.update(SERVING, name), {
      name: "Error",
      message: `Unknown service '${name}'. Registered services: a.One, a.Two, db`,
    });
  }
  assert.deepEqual(reported, []);
});

// contract: HC-9
test("every status can be set; other values are rejected", () => {
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
test("a component is registered once, before or after the services", () => {
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
  test(`register() and set() reject the name ${JSON.stringify(name)}`, () => {
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
test("unregister() removes a component; any name is allowed, except that of a service", () => {
  const { manager, reported } = managed();
  manager.unregister("db");
  for (const name of ["db", "", "not.there"]) manager.unregister(name);
  assert.equal(manager.getStatus("db"), undefined);
  assert.deepEqual(reported, [[["db", null]]]);
  assert.throws(() => manager.unregister("a.One"), {
    message: "Name 'a.One' is a registered RPC service, not a component",
  });
});

// contract: HC-16, HC-17
test("getters return copies, which have only a status", () => {
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
test("areAllHealthy() is true if there are entries and each is SERVING", () => {
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
test("initialize() replaces the services, keeps known statuses and components, and reports one batch", () => {
  const { manager, reported } = managed();
  manager.update(SERVING);
  reported.length = 0;
  manager.initialize(["a.Two", "a.Three", "a.Two", "a.Three"]);
  assert.deepEqual(
    [...manager.getAllStatuses()],
    [
      ["a.Two", { status: SERVING }],
      ["db", { status: SERVING }],
      ["a.Three", { status: UNKNOWN }],
    ],
  );
  assert.deepEqual(reported, [
    [
      ["a.One", null],
      ["a.Three", UNKNOWN],
    ],
  ]);
});

// contract: HC-20
test("initialize() keeps a component that has the name of a service", () => {
  const manager = new HealthcheckManager();
  manager.register("Bare", SERVING);
  manager.initialize(["Bare", "a.One"]);
  assert.equal(manager.getStatus("Bare")?.status, SERVING);
  manager.unregister("Bare");
});

// contract: HC-22
test("clear() removes both kinds, and reports it", () => {
  const { manager, reported, statuses } = managed();
  manager.clear();
  manager.clear();
  assert.deepEqual(statuses(), {});
  assert.deepEqual(reported, [
    [
      ["a.One", null],
      ["a.Two", null],
      ["db", null],
    ],
  ]);
  manager.register("a");
});

// contract: HC-23
test("there is one shared manager, and others can be created", () => {
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
test("listeners are called until they unsubscribe; each subscription ends separately", () => {
  const { manager } = managed();
  const reported: string[] = [];
  const listener = (changes: readonly StatusChange[]) => void reported.push(changes.map(String).join(" "));
  const ends = [manager.subscribe(listener), manager.subscribe(listener)];
  manager.set("db", SERVING);
  ends[0]?.();
  ends[0]?.();
  manager.set("db", NOT_SERVING);
  ends[1]?.();
  manager.set("db", UNKNOWN);
  assert.deepEqual(reported, ["db,1", "db,1", "db,2"]);
});

// contract: HC-subscribe
test("a change that a listener makes is reported to all after the change that it reacted to", () => {
  const { manager } = managed();
  const reported: string[] = [];
  manager.subscribe((changes) => {
    if (changes.some(([name, status]) => name === "db" && status === NOT_SERVING)) manager.set("derived", NOT_SERVING);
  });
  manager.subscribe((changes) => void reported.push(...changes.map(String)));
  manager.set("db", NOT_SERVING);
  assert.deepEqual(reported, ["db,2", "derived,2"]);
});

// contract: HC-subscribe
test("the operation throws what a listener throws, after all listeners have been called", () => {
  const { manager } = managed();
  const reported: unknown[] = [];
  const end = manager.subscribe(() => {
    throw new Error("no room");
  });
  manager.subscribe((changes) => reported.push(changes));
  assert.throws(() => manager.set("db", SERVING), /^Error: no room$/);
  assert.equal(manager.getStatus("db")?.status, SERVING);
  end();
  manager.set("db", NOT_SERVING);
  assert.deepEqual(reported, [[["db", SERVING]], [["db", NOT_SERVING]]]);
});

/** The sink of a server. */
function sink(lag: number): HealthSink & { readonly reported: unknown[] } {
  const reported: unknown[] = [];
  return { reported, set: (changes) => void reported.push(changes), eventLoopLagMs: () => lag };
}

// contract: HC-lag, HC-once
test("a server gets all entries, then each change once; the manager has the largest lag of its servers", () => {
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
  assert.deepEqual(slow.reported, [everything(UNKNOWN), everything(SERVING)]);
  assert.deepEqual(quick.reported, [everything(UNKNOWN), everything(SERVING), [["db", null]]]);
  detach[1]?.();
  assert.equal(manager.eventLoopLagMs, 0);
});
