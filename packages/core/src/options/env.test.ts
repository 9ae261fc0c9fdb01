// The variables PORT and LISTEN.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EnvVarError, hostFromEnv, portFromEnv } from "./env.ts";

const ports: [string | undefined, number | undefined | string][] = [
  [undefined, undefined],
  ["0", 0],
  ["5000", 5000],
  ["65535", 65_535],
  ["0080", 80],
  ["", "should be a valid integer"],
  [" ", "should be a valid integer"],
  ["80 ", "should be a valid integer"],
  ["80\n", "should be a valid integer"],
  ["8e1", "should be a valid integer"],
  ["+80", "should be a valid integer"],
  ["80.0", "should be a valid integer"],
  ["0x50", "should be a valid integer"],
  ["८०", "should be a valid integer"],
  ["NaN", "should be a valid integer"],
  ["-1", "should be a positive integer"],
  ["-65536", "should be a positive integer"],
  ["65536", "cannot assign a port number greater than 65535"],
  ["99999999999999999999", "cannot assign a port number greater than 65535"],
];

for (const [text, expected] of ports) {
  // contract: S9, DEC-port-rule
  test(`PORT=${JSON.stringify(text)} is ${typeof expected === "string" ? "rejected" : `read as ${expected}`}`, () => {
    const env = text === undefined ? {} : { PORT: text };
    if (typeof expected !== "string") {
      assert.equal(portFromEnv(env), expected);
      return;
    }
    assert.throws(
      () => portFromEnv(env),
      (error) => {
        assert.ok(error instanceof EnvVarError && error instanceof Error);
        assert.deepEqual([error.name, error.message], ["EnvVarError", `env-var: "PORT" ${expected}`]);
        return true;
      },
    );
  });
}

test("LISTEN is used unchanged; an empty one counts as not set", () => {
  assert.equal(hostFromEnv({}), undefined);
  assert.equal(hostFromEnv({ LISTEN: "" }), undefined);
  assert.equal(hostFromEnv({ LISTEN: "::1" }), "::1");
});
