import assert from "node:assert/strict";
import { test } from "node:test";
import { EnvVarError } from "../options/env.ts";
import { shutdownDefaults } from "./shutdown-options.ts";

const answers: [NodeJS.ProcessEnv, number, boolean][] = [
  [{}, 30_000, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "", GRACEFUL_SHUTDOWN_ENABLED: "" }, 30_000, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "0" }, 0, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "1500" }, 1500, false],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "yes" }, 30_000, true],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "false" }, 30_000, false],
];

for (const [env, timeout, autoShutdown] of answers) {
  // contract: O-shutdown, DEC-environment
  test(`${JSON.stringify(env)}: ${timeout} ms, ${autoShutdown ? "signals stop it" : "signals are the process's"}`, () => {
    assert.deepEqual(shutdownDefaults(env), { timeout, autoShutdown });
  });
}

const refused: [NodeJS.ProcessEnv, RegExp][] = [
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "30s" }, /^env-var: "GRACEFUL_SHUTDOWN_TIMEOUT_MS" cannot be "30s": .*number/],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "300001" }, /"GRACEFUL_SHUTDOWN_TIMEOUT_MS" cannot be "300001": .*<=300000/],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "on" }, /"GRACEFUL_SHUTDOWN_ENABLED" cannot be "on": .*"yes"/],
];

for (const [env, message] of refused) {
  test(`${JSON.stringify(env)} is refused`, () => {
    assert.throws(() => shutdownDefaults(env), { name: EnvVarError.name, message });
  });
}
