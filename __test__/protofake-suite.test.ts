// What `npm run protofake` holds against the list of types that may get no fakes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { unsolvedComplaints } from "../scripts/unsolved-types.mjs";

const outcomes = (...list: [typeName: string, failure?: string][]) =>
  new Map(list.map(([typeName, failure]) => [typeName, failure === undefined ? { typeName } : { typeName, failure }]));

test("a type that fails is a complaint, unless it is in the list with its reason", () => {
  const some = outcomes(["acme.Good"], ["acme.Bad", "seed 3: no"], ["acme.Known", "seed 0: no"]);
  assert.deepEqual(unsolvedComplaints(some, { "acme.Known": "its rules need a prime number" }, 3), [
    "acme.Bad: seed 3: no",
  ]);
});

test("a type of the list that succeeds or is not there has to leave it", () => {
  const complaints = unsolvedComplaints(outcomes(["acme.Good"]), { "acme.Good": "old", "acme.Gone": "old" }, 1);
  assert.deepEqual(complaints, [
    "acme.Good succeeds: remove it from unsolved.json",
    "acme.Gone of unsolved.json is not in the suite",
  ]);
});

test("fewer types than there are is a complaint, unless some were chosen", () => {
  assert.deepEqual(unsolvedComplaints(outcomes(["acme.Good"]), {}, 2), ["1 types were faked, and there are 2"]);
  assert.deepEqual(unsolvedComplaints(outcomes(["acme.Good"]), { "acme.Other": "its reason" }, 0), []);
});

test("the list holds at most the fourteen types that may be left of 749", () => {
  const list: Record<string, unknown> = JSON.parse(
    readFileSync(new URL("protofake/unsolved.json", import.meta.url), "utf8"),
  );
  assert.ok(Object.keys(list).length <= 14);
  for (const [typeName, reason] of Object.entries(list))
    assert.ok(typeof reason === "string" && reason !== "", typeName);
});
