// Shutdown options: their defaults, environment variables, and precedence.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EnvVarError } from "../options/env.ts";
import { resolveShutdownOptions, shutdownDefaults } from "./shutdown-options.ts";

const cases: [NodeJS.ProcessEnv, number, boolean][] = [
  [{}, 30_000, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "", GRACEFUL_SHUTDOWN_ENABLED: "" }, 30_000, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "0" }, 0, false],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "1500" }, 1500, false],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "yes" }, 30_000, true],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "false" }, 30_000, false],
];

for (const [env, timeout, autoShutdown] of cases) {
  // contract: O-shutdown, DEC-environment
  test(`${JSON.stringify(env)}: ${timeout} ms, ${autoShutdown ? "signals stop the server" : "signals are not handled"}`, () => {
    const resolved = shutdownDefaults(env);
    assert.deepEqual([resolved.timeout, resolved.autoShutdown], [timeout, autoShutdown]);
  });
}

const invalid: [NodeJS.ProcessEnv, RegExp][] = [
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "30s" }, /^env-var: "GRACEFUL_SHUTDOWN_TIMEOUT_MS" cannot be "30s": .*number/],
  [{ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "300001" }, /"GRACEFUL_SHUTDOWN_TIMEOUT_MS" cannot be "300001": .*<=300000/],
  [{ GRACEFUL_SHUTDOWN_ENABLED: "on" }, /"GRACEFUL_SHUTDOWN_ENABLED" cannot be "on": .*"yes"/],
];

for (const [env, message] of invalid) {
  test(`${JSON.stringify(env)} is rejected`, () => {
    assert.throws(() => shutdownDefaults(env), { name: EnvVarError.name, message });
  });
}

test("every option has a default, and takes precedence over its variable", () => {
  assert.deepEqual(resolveShutdownOptions(undefined, shutdownDefaults({})), {
    gracePeriod: 0,
    timeout: 30_000,
    streamGracePeriod: 5_000,
    hookTimeout: 0,
    signals: ["SIGTERM", "SIGINT"],
    autoShutdown: false,
    forceCloseOnTimeout: true,
  });
  const options = {
    gracePeriod: 3,
    timeout: 7,
    streamGracePeriod: 5,
    hookTimeout: 4,
    signals: ["SIGHUP" as const],
    autoShutdown: false,
    forceCloseOnTimeout: false,
  };
  const env = { GRACEFUL_SHUTDOWN_TIMEOUT_MS: "9", GRACEFUL_SHUTDOWN_ENABLED: "true" };
  assert.deepEqual(resolveShutdownOptions(options, shutdownDefaults(env)), options);
});

test("streamGracePeriod is at most the timeout", () => {
  assert.equal(resolveShutdownOptions({ timeout: 100 }, shutdownDefaults({})).streamGracePeriod, 100);
  const message = "createServer: shutdown.streamGracePeriod must be at most shutdown.timeout, which is 100, not 200";
  const refusal = { name: "RangeError", message };
  const variable = shutdownDefaults({ GRACEFUL_SHUTDOWN_TIMEOUT_MS: "100" });
  assert.throws(() => resolveShutdownOptions({ streamGracePeriod: 200 }, variable), refusal);
  assert.throws(() => resolveShutdownOptions({ timeout: 100, streamGracePeriod: 200 }, shutdownDefaults({})), refusal);
  const longer = { timeout: 300, streamGracePeriod: 200 };
  assert.equal(resolveShutdownOptions(longer, variable).streamGracePeriod, 200);
});
