// What a proxy has to forward: grpc-go's interoperability cases, and calls while the servers behind it restart.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { grpcJs } from "../../restarts/clients/grpc-js.ts";
import { load } from "../../restarts/load.ts";
import { complaintsOf } from "../../restarts/report.ts";
import { ServerProcess } from "../../restarts/server-process.ts";
import { interopCases } from "../../scripts/interop-cases.mjs";
import { judgePath } from "../support/judge-path.ts";
import { startExample } from "../support/program.ts";
import { runProgram } from "../support/run-program.ts";

/** Starts a proxy for a server on that port, until the end of the test; resolves to its own port. */
export type StartProxy = (t: TestContext, upstream: number) => Promise<number>;

const RESTARTS = 4;
/** For connections to settle. */
const BETWEEN_RESTARTS_MS = 500;

export function judgeForwarding(name: string, start: StartProxy): void {
  test(`${name} forwards the cases of grpc-go's client`, { timeout: 240_000 }, async (t) => {
    const server = startExample(t, "interop/server", {}, ["0"]);
    const upstream = Number(new URL((await server.line(/^grpc.testing/)).split(" at ")[1] ?? "").port);
    const port = await start(t, upstream);
    for (const [of, flags] of interopCases) {
      await t.test(`${name}: ${of}`, async ({ signal }) => {
        const args = ["--server_host=127.0.0.1", `--server_port=${port}`, `--test_case=${of}`, ...flags];
        const { code, stderr } = await runProgram(judgePath("bin/client"), args, "", signal);
        assert.equal(code, 0, stderr);
      });
    }
  });

  test(`${name}: no unary call fails while the servers behind it restart`, { timeout: 120_000 }, async (t) => {
    const first = await ServerProcess.start(0);
    const { port: upstream = assert.fail("it listens") } = first;
    const servers = [first];
    t.after(() => {
      for (const server of servers) server.kill();
    });
    servers.push(await ServerProcess.start(upstream));
    const over = new AbortController();
    const loaded = load(grpcJs(await start(t, upstream)), over.signal);
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await sleep(BETWEEN_RESTARTS_MS); // The rate of the restarts.
      assert.deepEqual(await servers.shift()?.stop(), []);
      servers.push(await ServerProcess.start(upstream));
    }
    over.abort();
    const report = await loaded;
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(complaintsOf(report), []);
  });
}
