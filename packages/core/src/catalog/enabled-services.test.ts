// Lists of services from variables and patterns.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defaultPropagateHeaders,
  matchServicesPattern,
  mergeEnabledServices,
  parseServicesEnv,
} from "./enabled-services.ts";

const parsed: [string | null | undefined, string[]][] = [
  [undefined, []],
  [null, []],
  ["", []],
  [" , ,", []],
  ["a.A", ["a.A"]],
  [" a.A , b.B,a.A, ", ["a.A", "b.B", "a.A"]],
];

for (const [value, expected] of parsed) {
  // contract: N1
  test(`parseServicesEnv(${JSON.stringify(value)})`, () => assert.deepEqual(parseServicesEnv(value), expected));
}

const names = [
  "orders.v1.OrdersService",
  "orders.v2.OrdersService",
  "users.v1.UsersService",
  "aba",
  "abba",
  "a+b",
  "ab",
];
const patterns: [string, string[]][] = [
  ["*", names],
  ["orders.*", ["orders.v1.OrdersService", "orders.v2.OrdersService"]],
  ["*.v1.*", ["orders.v1.OrdersService", "users.v1.UsersService"]],
  ["*Service", names.slice(0, 3)],
  ["users.v1.UsersService", ["users.v1.UsersService"]],
  ["Users.v1.UsersService", []],
  ["users", []],
  ["ab*ba", ["abba"]],
  ["a*b*a", ["aba", "abba"]],
  ["a*a*b", []],
  ["a+b", ["a+b"]],
  ["ab*", ["aba", "abba", "ab"]],
  ["ab**", ["aba", "abba", "ab"]],
  ["", []],
];

for (const [pattern, expected] of patterns) {
  // contract: N2
  test(`matchServicesPattern("${pattern}")`, () => assert.deepEqual(matchServicesPattern(pattern, names), expected));
}

test("a pattern of many stars is no work", () => {
  const before = performance.now();
  assert.deepEqual(matchServicesPattern(`${"*a".repeat(40)}*b`, ["a".repeat(60)]), []);
  assert.ok(performance.now() - before < 100);
});

// contract: N3
test("mergeEnabledServices() keeps the first of each name", () => {
  assert.deepEqual(mergeEnabledServices(), []);
  assert.deepEqual(mergeEnabledServices(["b", "a"], [], ["a", "c", "b"]), ["b", "a", "c"]);
});

// contract: N4
test("the default headers are those of a trace, and authorization is none of them", () => {
  assert.deepEqual(defaultPropagateHeaders, ["traceparent", "tracestate"]);
  assert.ok(Object.isFrozen(defaultPropagateHeaders));
});
