// grpc-health-probe, which Kubernetes runs in a container to check its health. Its exit code is the result.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServingStatus } from "@connectum/healthcheck";
import { certificatePath } from "../support/certificates.ts";
import { judgePath } from "../support/judge-path.ts";
import { runProgram } from "../support/run-program.ts";
import { ECHO, startJudgedServer } from "./judged-server.ts";

/** Its exit codes. */
const [HEALTHY, RPC_FAILED, UNHEALTHY] = [0, 3, 4];

for (const secure of [false, true]) {
  const security = secure ? ["-tls", "-tls-ca-cert", certificatePath("ca.crt")] : [];
  const how = secure ? "over TLS" : "in the clear";

  test(`grpc-health-probe ${how}: a serving service, one that is not serving, and an unknown one`, {
    timeout: 60_000,
  }, async (t) => {
    const { address, manager } = await startJudgedServer(t, { secure });
    manager.set("database", ServingStatus.SERVING);
    const probe = async (service: string) => {
      const args = ["-addr", address, "-service", service, "-connect-timeout", "5s", "-rpc-timeout", "5s", ...security];
      const { code, stderr } = await runProgram(judgePath("bin/grpc-health-probe"), args, "", t.signal);
      return [code, stderr.trim()];
    };
    const healthy = [HEALTHY, "status: SERVING"];
    assert.deepEqual(await probe(""), healthy);
    assert.deepEqual(await probe(ECHO), healthy);
    assert.deepEqual(await probe("database"), healthy);
    const [code, text] = await probe("no.Such");
    assert.equal(code, RPC_FAILED);
    assert.match(String(text), /code = NotFound desc = Service 'no\.Such' not found/);

    manager.set("database", ServingStatus.NOT_SERVING);
    const unhealthy = [UNHEALTHY, 'service unhealthy (responded with "NOT_SERVING")'];
    assert.deepEqual(await probe(""), unhealthy);
    assert.deepEqual(await probe("database"), unhealthy);
    assert.deepEqual(await probe(ECHO), healthy);

    manager.set("database", ServingStatus.SERVING);
    assert.deepEqual(await probe(""), healthy);
  });
}
