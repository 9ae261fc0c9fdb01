// The warning for a server that is not healthy because nobody said that it is.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { DependencyChecks } from "./dependency-checks.ts";
import { createHealthcheckManager } from "./healthcheck-manager.ts";
import { type HealthcheckOptions, resolveOptions } from "./healthcheck-options.ts";
import { ServedHealth } from "./served-health.ts";
import { ServingStatus } from "./serving-status.ts";

const { UNKNOWN, SERVING, NOT_SERVING } = ServingStatus;

/** The health of a server with these services that has just become ready, and its warnings. */
function ready(t: TestContext, services: string[], options: HealthcheckOptions = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const manager = createHealthcheckManager();
  const settings = resolveOptions({ manager, ...options }, {});
  const health = new ServedHealth(settings, new DependencyChecks(settings));
  health.initialize(services);
  const detach = health.attach({ set() {}, eventLoopLagMs: () => 0 });
  t.after(detach);
  const warnings: string[] = [];
  const unwatch = health.ready((warning) => warnings.push(warning));
  return { manager, health, unwatch, warnings, later: () => t.mock.timers.tick(5_000) };
}

const begin = "Healthcheck: 5 seconds after the server was ready";
const advice = "Call update(ServingStatus.SERVING) of its manager, or use Healthcheck({ autoServing: true })";

test("after five seconds a warning names the services whose status was never set", (t) => {
  const { warnings, manager } = ready(t, ["a.One", "a.Two"]);
  manager.update(NOT_SERVING, "a.One");
  t.mock.timers.tick(4_999);
  assert.deepEqual(warnings, []);
  t.mock.timers.tick(1);
  const fail = "Health checks and /readyz fail because of that.";
  assert.deepEqual(warnings, [`${begin} the status of a.Two has not been set. ${fail} ${advice}`]);
  t.mock.timers.tick(60_000);
  assert.equal(warnings.length, 1);
});

test("several servers with one Healthcheck(): one warning, for one that is five seconds old", (t) => {
  const { health, unwatch, warnings } = ready(t, ["a.One"]);
  t.mock.timers.tick(4_000);
  unwatch();
  for (let server = 0; server < 2; server += 1) health.ready((warning) => warnings.push(warning));
  t.mock.timers.tick(4_999);
  assert.deepEqual(warnings, []);
  t.mock.timers.tick(1);
  assert.equal(warnings.length, 1);
});

test("of many services it names three", (t) => {
  const { warnings, later } = ready(t, ["a.A", "a.B", "a.C", "a.D", "a.E"]);
  later();
  assert.match(String(warnings), /the status of a\.A, a\.B, a\.C and 2 more has not been set\./);
});

test("a server without a service and without a component is told, too", (t) => {
  const { warnings, later } = ready(t, []);
  later();
  assert.match(
    String(warnings),
    /ready there is nothing to report: no service is mounted, and no component was registered\./,
  );
});

for (const [what, services, options, act] of [
  ["all services are set, even to UNKNOWN", ["a.One"], {}, (manager) => manager.update(UNKNOWN)],
  ["the status was set before the services were known", [], {}, (manager) => manager.set("db", SERVING)],
  ["autoServing sets them", ["a.One"], { autoServing: true }, () => {}],
  ["the server begins to stop", ["a.One"], {}, (_, unwatch) => unwatch()],
] as [
  string,
  string[],
  HealthcheckOptions,
  (manager: ReturnType<typeof createHealthcheckManager>, unwatch: () => void) => void,
][]) {
  test(`no warning if ${what}`, (t) => {
    const { manager, unwatch, warnings, later } = ready(t, services, options);
    act(manager, unwatch);
    later();
    assert.deepEqual(warnings, []);
  });
}
