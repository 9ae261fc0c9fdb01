// The `logger` of a server gets the warnings and errors of its core, and nothing below them.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { CreateServerOptions, Logger, ProtocolRegistration } from "@connectum/core";
import { EchoRequestSchema, EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { identity } from "./support/certificates.ts";
import { consoleLines } from "./support/console-lines.ts";
import { serve } from "./support/serve.ts";

/**
 * Claims to be served by the core's reflection, whose methods have request streams. The core logs that as an error.
 */
const misfit: ProtocolRegistration = Object.assign(
  {
    name: "misfit",
    register: (router: Parameters<ProtocolRegistration["register"]>[0]) => void router.service(EchoService, {}),
  },
  { [Symbol.for("connectum.protocol")]: { kind: "reflection", state: {} } },
);

/** A server whose `echo` fails with more details than fit into gRPC's trailers. The core logs that as a warning. */
const wordy: Partial<CreateServerOptions> = {
  services: [
    (router) =>
      router.service(EchoService, {
        echo() {
          const detail = { desc: EchoRequestSchema, value: { text: "x".repeat(100_000) } };
          throw new ConnectError("too much to say", Code.Aborted, undefined, [detail]);
        },
      }),
  ],
};

/** The error of one call to a server, which is then stopped, so that everything is logged. */
async function failedEcho(t: TestContext, options: Partial<CreateServerOptions>): Promise<ConnectError> {
  const { url, server } = await serve(t, { services: [], ...options });
  const { echo } = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  const error = await echo({}).then(() => assert.fail("echo fails"), ConnectError.from);
  await server.stop();
  return error;
}

/** Without what the server says when it starts. */
function recorder(lines: unknown[][]): Logger {
  const as =
    (level: string) =>
    (...line: unknown[]) =>
      void lines.push([level, ...line]);
  return { debug: as("debug"), info: () => {}, warn: as("warn"), error: as("error") };
}

const WARNING = /^the details of an error are too large for gRPC's trailers, and are left out \(bytes: \d+\)$/;
const ERROR =
  "a method of reflection was registered without request stream (path: /connectum.test.v1.EchoService/Echo)";

test("a warning of the core is logged as a warning", async (t) => {
  const lines: unknown[][] = [];
  const { code } = await failedEcho(t, { ...wordy, logger: recorder(lines) });
  assert.equal(code, Code.Aborted);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.[0], "warn");
  assert.match(String(lines[0]?.[1]), WARNING);
});

test("an error of the core is logged as an error", async (t) => {
  const lines: unknown[][] = [];
  const { code } = await failedEcho(t, { protocols: [misfit], logger: recorder(lines) });
  assert.equal(code, Code.Internal);
  assert.deepEqual(lines, [["error", ERROR]]);
});

test("a response field that HTTP does not allow is left out, and the log says which", async (t) => {
  const lines: unknown[][] = [];
  const { url, server } = await serve(t, {
    services: [
      (router) =>
        router.service(EchoService, {
          echo(_, { responseHeader, responseTrailer }) {
            responseHeader.set("x-good", "1");
            responseHeader.set("x-control", "a\u0001b");
            responseTrailer.set("x-late", "\u007f");
            return {};
          },
          echoGet() {
            throw new ConnectError("no", Code.Aborted, { "x-of-error": "\u0002" });
          },
        }),
    ],
    logger: recorder(lines),
  });
  const client = createClient(EchoService, createGrpcTransport({ baseUrl: url }));
  const seen: [string, string][] = [];
  await client.echo({}, { onHeader: (header) => seen.push(...header), onTrailer: (trailer) => seen.push(...trailer) });
  assert.deepEqual(
    seen.filter(([name]) => name.startsWith("x-")),
    [["x-good", "1"]],
  );
  await assert.rejects(client.echoGet({}), { code: Code.Aborted });
  await server.stop();
  const text = "a response field has characters that HTTP does not allow, and is left out";
  assert.deepEqual(
    [...lines].sort(),
    ["x-control", "x-late", "x-of-error"].map((name) => ["warn", `${text} (name: ${name})`]),
  );
});

test("without a logger messages of the core are dropped", async (t) => {
  const heard = [consoleLines(t, "warn"), consoleLines(t, "error")];
  await failedEcho(t, { ...wordy, logger: undefined });
  await failedEcho(t, { protocols: [misfit], logger: undefined });
  assert.deepEqual(heard, [[], []]);
});

test("a logger that throws only loses its line", async (t) => {
  const fail = () => {
    throw new Error("the disk is full");
  };
  const logger = { ...recorder([]), warn: fail, error: fail };
  assert.equal((await failedEcho(t, { ...wordy, logger })).code, Code.Aborted);
  assert.equal((await failedEcho(t, { protocols: [misfit], logger })).code, Code.Internal);
});

test("a flood of warnings is counted, not logged", { timeout: 30_000 }, async (t) => {
  const CONNECTIONS = 300;
  const lines: unknown[][] = [];
  const { port, server } = await serve(t, { services: [], tls: identity("server"), logger: recorder(lines) });
  for (let begun = 0; begun < CONNECTIONS; begun += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connect(port, "127.0.0.1", () => socket.end("no TLS at all\n"));
        socket.on("error", () => {}).resume();
        await once(socket, "close");
      }),
    );
  }
  await server.stop();
  const dropped = lines.map((line) => /^(\d+) more warnings and errors came/.exec(String(line[1]))?.[1]);
  const passed = dropped.filter((count) => count === undefined).length;
  assert.ok(passed < CONNECTIONS, `${passed} lines`);
  const counted = dropped.reduce((sum, count) => sum + Number(count ?? 0), 0);
  assert.equal(passed + counted, CONNECTIONS);
});
