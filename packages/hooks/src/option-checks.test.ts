// Checks of options: valid values, and the errors for invalid ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertArray,
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertString,
  assertStrings,
} from "./option-checks.ts";

type Check = (value: unknown) => void;

const integer: Check = (value) => assertInteger("server", "port", value, 0, 65_535);
const boolean: Check = (value) => assertBoolean("server", "tls", value);
const oneOf: Check = (value) => assertOneOf("server", "mode", value, ["on", "off"]);
const string: Check = (value) => assertString("server", "host", value);
const object: Check = (value) => assertObject("server", "limits", value);
const methods: Check = (value) => assertMethods("server", "log", value, ["info", "error"]);
const array: Check = (value) => assertArray("server", "services", value);
const strings: Check = (value) => assertStrings("server", "names", value);
const callback: Check = (value) => assertFunction("server", "hook", value);

test("valid values pass, and so do absent options, except an integer and a choice", () => {
  for (const check of [boolean, string, object, methods, array, strings, callback]) check(undefined);
  const log = { info: () => {}, error: () => {} };
  const allowed: [Check, unknown[]][] = [
    [integer, [0, 65_535]],
    [boolean, [true, false]],
    [oneOf, ["on", "off"]],
    [string, ["", "localhost"]],
    [object, [{}, Object.create(null), new (class {})()]],
    [methods, [log, Object.create(log), Object.assign(() => {}, log)]],
    [array, [[], [1]]],
    [strings, [[], ["a"]]],
    [callback, [() => {}, class {}]],
  ];
  for (const [check, values] of allowed) for (const value of values) check(value);
});

for (const [check, value, name, message] of [
  [integer, -1, "RangeError", "port must be an integer from 0 to 65535, not -1"],
  [integer, 1.5, "RangeError", "port must be an integer from 0 to 65535, not 1.5"],
  [integer, "80", "TypeError", 'port must be an integer from 0 to 65535, not "80"'],
  [integer, undefined, "TypeError", "port must be an integer from 0 to 65535, not undefined"],
  [boolean, 1, "TypeError", "tls must be true or false, not 1"],
  [oneOf, "of", "RangeError", 'mode must be one of "on", "off", not "of"'],
  [oneOf, true, "TypeError", 'mode must be one of "on", "off", not true'],
  [string, null, "TypeError", "host must be a string, not null"],
  [object, [], "TypeError", "limits must be an object, not an array"],
  [object, null, "TypeError", "limits must be an object, not null"],
  [object, new Map(), "TypeError", "limits must be an object, not a Map"],
  [object, Promise.resolve({}), "TypeError", "limits must be an object, not a promise"],
  [object, () => {}, "TypeError", "limits must be an object, not a function"],
  [methods, { info: () => {} }, "TypeError", "log must be an object with the methods info, error: it has no error"],
  [methods, "console", "TypeError", 'log must be an object with the methods info, error: not "console"'],
  [array, {}, "TypeError", "services must be an array, not an object"],
  [strings, ["a", 1], "TypeError", "names[1] must be a string, not 1"],
  [strings, new Array(2), "TypeError", "names[0] must be a string, not undefined"],
  [callback, null, "TypeError", "hook must be a function, not null"],
] as [Check, unknown, string, string][]) {
  test(`${name}: ${message}`, () => {
    assert.throws(() => check(value), { name, message: `server: ${message}` });
  });
}
