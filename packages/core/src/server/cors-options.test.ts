// The option `cors`: its defaults, and what reaches Rust of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveCors } from "./cors-options.ts";

const defaults = {
  origins: null,
  credentials: false,
  maxAge: 7_200,
  allowHeaders: [],
  exposeHeaders: [],
  all: false,
};

// contract: O-cors
test("without the option there is no CORS; true and {} are any origin", () => {
  for (const none of [undefined, false]) assert.equal(resolveCors(none), null);
  for (const any of [true, {}, { origins: "*" }, { origins: ["*"] }] as const) {
    assert.deepEqual(resolveCors(any), defaults);
  }
});

test("origins are taken as they are, header names in lower case, each once", () => {
  const origins = [
    "https://app.example",
    "http://localhost:5173",
    "http://[::1]:5173",
    "http://127.0.0.1:8080",
    "https://xn--bcher-kva.example",
    "chrome-extension://abcdefghijklmnop",
    "capacitor://localhost",
  ];
  const options = {
    origins: [...origins, ...origins],
    credentials: true,
    maxAge: 0,
    allowHeaders: ["Authorization", "authorization", "X-Tenant"],
    exposeHeaders: ["trailer-X-Count"],
    all: true,
  };
  assert.deepEqual(resolveCors(options), {
    ...options,
    origins,
    allowHeaders: ["authorization", "x-tenant"],
    exposeHeaders: ["trailer-x-count"],
  });
  assert.deepEqual(resolveCors({ origins: [] })?.origins, [], "no page may call");
  assert.deepEqual(resolveCors({ allowHeaders: ["*"] })?.allowHeaders, ["*"]);
});
