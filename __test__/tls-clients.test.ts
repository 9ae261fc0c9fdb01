// Client certificates: which are accepted, and which get an alert.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { shakeHands } from "./support/shake-hands.ts";

const ca = certificate("ca.crt");
const clients = { nobody: {}, client: identity("client"), stranger: identity("stranger") };
type Client = keyof typeof clients;

/** The clients whose calls are answered. */
async function answered(t: TestContext, options: Partial<CreateServerOptions>) {
  const warnings: string[] = [];
  const logger = { ...console, warn: (message: string) => void warnings.push(message) };
  const { server, port } = await serveEcho(t, { echo: ({ text }) => ({ text }) }, { logger, ...options });
  const all: Client[] = [];
  const errors: Partial<Record<Client, string>> = {};
  for (const who of Object.keys(clients) as Client[]) {
    const nodeOptions = { ca, ...clients[who] };
    const transport = createGrpcTransport({ baseUrl: `https://localhost:${port}`, nodeOptions });
    try {
      await createClient(EchoService, transport).echo({ text: who }, { timeoutMs: 10_000 });
      all.push(who);
    } catch (error) {
      errors[who] = String(error);
    }
  }
  // A client may get its alert before the line is logged.
  await server.stop();
  return { all, errors, warnings };
}

const server = identity("server");
const rows: [string, Partial<CreateServerOptions>, Client[]][] = [
  ["no client certificates are requested", { tls: server }, ["nobody", "client", "stranger"]],
  ["ca requires certificates of this authority", { tls: { ...server, ca } }, ["client"]],
  ["ca may be a path", { tls: { ...server, ca: certificatePath("ca.crt") } }, ["client"]],
  ["a certificate is required", { tls: { ...server, ca, clientAuth: "require" } }, ["client"]],
  ["a certificate is requested", { tls: { ...server, ca, clientAuth: "request" } }, ["nobody", "client"]],
  ["clientAuth none turns ca off", { tls: { ...server, ca, clientAuth: "none" } }, ["nobody", "client", "stranger"]],
  ["ca may be the client's certificate itself", { tls: { ...server, ca: certificate("stranger.crt") } }, ["stranger"]],
  ["http2Options with requestCert and ca", { tls: server, http2Options: { requestCert: true, ca } }, ["client"]],
  [
    "http2Options with a list of ca",
    { tls: server, http2Options: { requestCert: true, ca: [Buffer.from(ca)] } },
    ["client"],
  ],
  [
    "http2Options with rejectUnauthorized false",
    { tls: server, http2Options: { requestCert: true, rejectUnauthorized: false, ca } },
    ["nobody", "client", "stranger"],
  ],
  [
    "http2Options with requestCert and the default authorities",
    { tls: server, http2Options: { requestCert: true } },
    [],
  ],
  [
    "http2Options with ca but without requestCert",
    { tls: server, http2Options: { ca } },
    ["nobody", "client", "stranger"],
  ],
  [
    "tls.clientAuth takes precedence over http2Options",
    { tls: { ...server, clientAuth: "none" }, http2Options: { requestCert: true, ca } },
    ["nobody", "client", "stranger"],
  ],
  [
    "tls.clientAuth trusts the ca of http2Options",
    { tls: { ...server, clientAuth: "require" }, http2Options: { ca } },
    ["client"],
  ],
];

for (const [what, options, expected] of rows) {
  // contract: O-http2Options, DEC-pem
  test(`${what}: accepted clients: ${expected.join(", ") || "none"}`, { timeout: 30_000 }, async (t) => {
    const { all } = await answered(t, options);
    assert.deepEqual(all, expected);
  });
}

// contract: MC-alert
test("a rejected client gets an alert, and the log has the reason", { timeout: 30_000 }, async (t) => {
  const { errors, warnings } = await answered(t, { tls: { ...server, ca } });
  assert.match(errors.nobody ?? "", /alert certificate required/);
  assert.match(errors.stranger ?? "", /alert (unknown ca|bad certificate|certificate unknown|decrypt error)/);
  assert.equal(warnings.length, 2);
  assert.match(warnings[0] ?? "", /^TLS handshake with 127\.0\.0\.1:\d+ failed: .*no certificate/);
  assert.match(
    warnings[1] ?? "",
    /^TLS handshake with 127\.0\.0\.1:\d+ failed: invalid peer certificate: .*\(the client's certificate: CN=stranger\)$/,
  );
});

/** What a handshake over TLS 1.2 comes to, in which a refusal is part of the handshake: `ok`, or the alert. */
async function outcome(t: TestContext, port: number, client: { cert: string; key: string }): Promise<string> {
  try {
    await shakeHands(t, port, { ...client, ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" });
    return "ok";
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

// contract: MC-signs
test("a certificate in ca signs others only if it is one of an authority", { timeout: 30_000 }, async (t) => {
  const named = identity("named");
  const forged = { cert: `${certificate("forged.crt")}${named.cert}`, key: certificate("forged.key") };
  const unknown = "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA";
  for (const trusted of [named.cert, ca + named.cert]) {
    const warnings: string[] = [];
    const logger = { ...console, info() {}, warn: (message: string) => void warnings.push(message) };
    const { port } = await serveEcho(t, {}, { tls: { ...server, ca: trusted }, logger });
    assert.equal(await outcome(t, port, named), "ok", "the one that is named");
    const isAuthority = trusted.startsWith(ca);
    const alert = isAuthority ? "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN" : unknown;
    assert.equal(await outcome(t, port, forged), alert, "one that it has signed");
    assert.equal(await outcome(t, port, identity("client")), isAuthority ? "ok" : unknown, "one of the authority");
    assert.match(warnings[0] ?? "", /failed: invalid peer certificate: .+ \(the client's certificate: CN=forged\)$/);
  }
});

// contract: MC-signs
test("a certificate that is named in ca itself is refused when it has expired", { timeout: 30_000 }, async (t) => {
  const expired = identity("named.expired");
  const { port } = await serveEcho(t, {}, { tls: { ...server, ca: expired.cert } });
  assert.equal(await outcome(t, port, expired), "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED");
});

test("a server that fails to start because of its certificate does not affect another", {
  timeout: 30_000,
}, async (t) => {
  const { port } = await serveEcho(t, { echo: ({ text }) => ({ text }) }, { tls: server });
  const failing = createServer({ services: [], port: 0, tls: { cert: "/nowhere", key: "/nowhere" } });
  await assert.rejects(failing.start(), { code: "ENOENT" });
  const transport = createGrpcTransport({ baseUrl: `https://localhost:${port}`, nodeOptions: { ca } });
  assert.equal((await createClient(EchoService, transport).echo({ text: "still" })).text, "still");
});
