// The descriptors that systemd passes, by their environment variables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { descriptorsFromSystemd, forgetSystemd } from "./systemd.ts";

const PID = 42;

// contract: LI-systemd
test("the descriptors are those from 3 on, if LISTEN_PID is this process", () => {
  assert.deepEqual(descriptorsFromSystemd({ LISTEN_PID: "42", LISTEN_FDS: "1" }, PID), [3]);
  assert.deepEqual(
    descriptorsFromSystemd({ LISTEN_PID: "42", LISTEN_FDS: "3", LISTEN_FDNAMES: "a:b:c" }, PID),
    [3, 4, 5],
  );
});

for (const [env, variable] of [
  [{}, "LISTEN_PID"],
  [{ LISTEN_PID: "42" }, "LISTEN_FDS"],
  [{ LISTEN_FDS: "1" }, "LISTEN_PID"],
  [{ LISTEN_PID: "", LISTEN_FDS: "1" }, "LISTEN_PID"],
  [{ LISTEN_PID: "43", LISTEN_FDS: "1" }, "LISTEN_PID"],
  [{ LISTEN_PID: "42 ", LISTEN_FDS: "1" }, "LISTEN_PID"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "" }, "LISTEN_FDS"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "0" }, "LISTEN_FDS"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "-1" }, "LISTEN_FDS"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "1.5" }, "LISTEN_FDS"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "1e3" }, "LISTEN_FDS"],
  [{ LISTEN_PID: "42", LISTEN_FDS: "99999999999" }, "LISTEN_FDS"],
] as const) {
  // contract: LI-systemd
  test(`${JSON.stringify(env)} is an error that names ${variable}`, () => {
    const message = new RegExp(`^env-var: "${variable}" (is not set|should be)`);
    assert.throws(() => descriptorsFromSystemd(env, PID), { name: "EnvVarError", message });
  });
}

// contract: LI-systemd
test("no other server or process finds the variables", () => {
  const env = { LISTEN_PID: "42", LISTEN_FDS: "1", LISTEN_FDNAMES: "a", LISTEN_PIDFDID: "7", LISTEN: "systemd" };
  forgetSystemd(env);
  assert.deepEqual(env, { LISTEN: "systemd" });
});
