// The production example of the quickstart, while its certificate is rotated and it is called.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { certificate, certificatePath } from "./support/certificates.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { startExample } from "./support/program.ts";
import { servedSerial } from "./support/shake-hands.ts";

// contract: TR-load
test("the production example rotates its certificate while it is called, and no call fails", {
  timeout: 60_000,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "connectum-production-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [cert, key] = [join(directory, "tls.crt"), join(directory, "tls.key")];
  const put = (name: string) => {
    for (const [file, source] of [
      [cert, `${name}.crt`],
      [key, `${name}.key`],
    ] as const) {
      copyFileSync(certificatePath(source), `${file}.new`);
      renameSync(`${file}.new`, file);
    }
  };
  put("server");
  const port = await freePort();
  const program = startExample(t, "quickstart/production", {
    LISTEN: "127.0.0.1",
    PORT: String(port),
    TLS_CERT: cert,
    TLS_KEY: key,
  });
  await program.line(new RegExp(`^Server ready at ${port}$`));

  const baseUrl = `https://localhost:${port}`;
  const ca = certificate("ca.crt");
  const errors: unknown[] = [];
  let calls = 0;
  let isDone = false;
  /** Calls, one after the other, on one connection or on a new one each time. */
  const call = async (isNew: boolean) => {
    const connection = () => new Http2SessionManager(baseUrl, {}, { ca });
    let sessionManager = connection();
    while (!isDone) {
      const client = createClient(Greeter, createGrpcTransport({ baseUrl, sessionManager }));
      await client.greet({ name: "Ada" }).then(
        ({ greeting }) => assert.equal(greeting, "Hello, Ada!"),
        (error) => errors.push(error),
      );
      calls += 1;
      if (isNew) {
        sessionManager.abort();
        sessionManager = connection();
      }
      await sleep(5);
    }
    sessionManager.abort();
  };
  const calling = [call(false), call(true), call(true)];
  for (const name of ["p521", "rsa", "server", "p521", "rsa"]) {
    put(name);
    const { serialNumber } = new X509Certificate(certificate(`${name}.crt`));
    await eventually(async () => (await servedSerial(t, port)) === serialNumber, `${name} is served`);
  }
  isDone = true;
  await Promise.all(calling);
  assert.deepEqual(errors, []);
  assert.ok(calls > 50, `${calls} calls`);

  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  assert.deepEqual(
    [code, lines.filter((line) => /^(Server shutting|cache|database)/.test(line))],
    [0, ["Server shutting down...", "cache flushed", "database closed"]],
  );
});
