// Connections of a limited age: all are recycled, at different times, and no call fails.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcJsClient } from "@grpc/grpc-js";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { echoAll } from "./support/echo-calls.ts";
import { envelope } from "./support/envelope.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";

const AGE_MS = 2_000;
const SESSIONS = 180;
const GRPC_JS = 20;
/** Time for GOAWAY on a machine that does something else, too. */
const LATE_MS = 300;
const PATH = `/${EchoService.typeName}/Echo`;

test(`${SESSIONS + GRPC_JS} connections of age ${AGE_MS} ms are recycled, spread over time, and no call fails`, {
  timeout: 30_000,
}, async (t) => {
  const options = { maxConnectionAge: AGE_MS, maxConnectionAgeGrace: 1_000 };
  const { port } = await serveEcho(t, echoAll, options);
  const clients = Array.from({ length: GRPC_JS }, () => keepingAlive(port));
  t.after(() => {
    for (const client of clients) client.close();
  });
  const until = performance.now() + 2 * AGE_MS;
  const calls = clients.map(async (client) => {
    let count = 0;
    for (; performance.now() < until; count += 1) {
      await echo(client);
      await sleep(50);
    }
    return count;
  });
  const ages = (await Promise.all(Array.from({ length: SESSIONS }, () => ageOf(port)))).sort((a, b) => a - b);
  const [youngest = 0, oldest = 0] = [ages[0], ages.at(-1)];
  t.diagnostic(`asked to leave after ${Math.round(youngest)} to ${Math.round(oldest)} ms`);
  assert.ok(youngest > AGE_MS * 0.9 - 50, `the first one after ${youngest} ms`);
  assert.ok(oldest < AGE_MS * 1.1 + LATE_MS, `the last one after ${oldest} ms`);
  assert.ok(oldest - youngest > 300, `all within ${oldest - youngest} ms`);
  assert.ok(Math.min(...(await Promise.all(calls))) > 10, "grpc-js's clients have made calls all the time");
});

test("after the grace a handler hears why its call was aborted, and the client too", { timeout: 10_000 }, async (t) => {
  let reason: unknown;
  const { url } = await serveEcho(
    t,
    {
      async echo(_, { signal }) {
        await once(signal, "abort");
        reason = signal.reason;
        return {};
      },
    },
    { maxConnectionAge: 200, maxConnectionAgeGrace: 200 },
  );
  const expected = { code: Code.Unavailable, rawMessage: "the connection has reached maxConnectionAge" };
  await assert.rejects(createClient(EchoService, createGrpcTransport({ baseUrl: url })).echo({}), expected);
  await eventually(() => reason !== undefined, "the signal aborts");
  assert.ok(reason instanceof ConnectError);
  assert.deepEqual([reason.code, reason.rawMessage], [expected.code, expected.rawMessage]);
});

/** A client that pings its server. */
function keepingAlive(port: number): GrpcJsClient {
  return new GrpcJsClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.use_local_subchannel_pool": 1,
  });
}

/** Rejects when the call fails. */
function echo(client: GrpcJsClient): Promise<unknown> {
  const asIs = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(PATH, asIs, asIs, Buffer.alloc(0), (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}

/** Calls over a connection until it is asked to leave. Resolves to its age then; rejects when a call fails. */
async function ageOf(port: number): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`);
  await once(session, "connect");
  const connected = performance.now();
  let age: number | undefined;
  session.on("goaway", () => {
    age ??= performance.now() - connected;
  });
  while (age === undefined) {
    const stream = session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const trailers = once(stream, "trailers");
    stream.resume().end(envelope(Buffer.alloc(0)));
    try {
      const [{ "grpc-status": status }] = (await trailers) as [Record<string, string>];
      assert.equal(status, "0");
    } catch (error) {
      // It crossed the GOAWAY: no handler has it, and it may be sent again elsewhere (RFC 9113 section 8.7).
      if (stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM) throw error;
      await eventually(() => age !== undefined, "a refused call is followed by GOAWAY");
    }
    await sleep(100);
  }
  if (!session.closed) session.close();
  return age;
}
