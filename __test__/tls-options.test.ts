// Several certificates, versions, cipher suites, sessions, passphrases, revoked certificates, and warnings.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { type CreateServerOptions, createServer, type Http2Options, type TLSOptions } from "@connectum/core";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { type DatedCertificate, datedCertificate } from "./support/dated-certificate.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { servedSerial, shakeHands } from "./support/shake-hands.ts";

const ca = certificate("ca.crt");
const server = identity("server");
const serialOf = (name: string) => new X509Certificate(certificate(`${name}.crt`)).serialNumber;

/** A server with TLS, and its warnings. */
async function served(t: TestContext, tls: TLSOptions, options: Partial<CreateServerOptions> = {}) {
  const warnings: string[] = [];
  const ignore = () => {};
  const warn = (text: string) => void warnings.push(text);
  const logger = { debug: ignore, info: ignore, warn, error: ignore };
  const { server, port } = await serveEcho(t, {}, { tls, logger, ...options });
  return { server, port, warnings };
}

/** The error of a start with these options, as `String` shows it. */
async function startError(tls: TLSOptions): Promise<string> {
  const failing = createServer({ services: [], port: 0, host: "127.0.0.1", tls });
  return failing.start().then(
    () => failing.stop().then(() => "none"),
    (error) => String(error),
  );
}

/** A server that each of the names leads to, or to the default. */
async function serialsByName(t: TestContext, port: number, names: (string | undefined)[]): Promise<string[]> {
  const all: string[] = [];
  for (const name of names) {
    const options = { servername: name ?? "", checkServerIdentity: () => undefined };
    all.push(await servedSerial(t, port, options));
  }
  return all;
}

// contract: TM-sni
test("a client gets the certificate of the name that it asks for, or the default", { timeout: 20_000 }, async (t) => {
  const { port, server: running } = await served(t, { ...server, certificates: [identity("other")] });
  const [ours, other] = [serialOf("server"), serialOf("other")];
  const names = [
    "localhost",
    "api.test",
    "API.test",
    "a.other.test",
    "a.b.other.test",
    "other.test",
    "x.test",
    undefined,
  ];
  assert.deepEqual(await serialsByName(t, port, names), [ours, other, other, other, ours, ours, ours, ours]);
  assert.deepEqual(
    running.certificates.map(({ subject, names: of }) => [subject, of]),
    [
      ["CN=server", ["localhost", "127.0.0.1", "::1"]],
      ["CN=other", ["api.test", "*.other.test"]],
    ],
  );
});

// contract: TM-sni
test("names of an entry replace those of its certificate; the first entry is the default without another one", {
  timeout: 20_000,
}, async (t) => {
  const paths = { cert: certificatePath("other.crt"), key: certificatePath("other.key") };
  const certificates = [identity("server"), { ...paths, names: ["only.other.test"] }];
  const { port } = await served(t, { certificates });
  const [ours, other] = [serialOf("server"), serialOf("other")];
  const names = ["only.other.test", "api.test", "a.other.test", undefined];
  assert.deepEqual(await serialsByName(t, port, names), [other, ours, ours, ours]);
});

// contract: TM-sni
test("of two certificates with one name a client gets the one that it can verify", { timeout: 20_000 }, async (t) => {
  const { port } = await served(t, { certificates: [identity("server"), identity("rsa")] });
  for (const servername of ["localhost", ""]) {
    const options = { servername, checkServerIdentity: () => undefined, maxVersion: "TLSv1.2" as const };
    const serials = [
      await servedSerial(t, port, options),
      await servedSerial(t, port, { ...options, ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }),
      await servedSerial(t, port, { ...options, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }),
    ];
    assert.deepEqual(serials, [serialOf("server"), serialOf("rsa"), serialOf("server")]);
  }
});

// contract: TM-sni
test("a name that a certificate does not have is an error", { timeout: 10_000 }, async () => {
  const certificates = [{ ...identity("other"), names: ["api.test", "b.test"] }];
  assert.equal(
    await startError({ ...server, certificates }),
    'Error: tls.certificates[0].cert: the certificate cannot be used for "b.test": it has api.test, *.other.test',
  );
});

// contract: TM-versions
test("the versions that are served can be set, by tls before http2Options", { timeout: 20_000 }, async (t) => {
  const rows: [Partial<TLSOptions>, Http2Options, string[]][] = [
    [{}, {}, ["TLSv1.2", "TLSv1.3"]],
    [{ minVersion: "TLSv1.3" }, {}, ["TLSv1.3"]],
    [{ maxVersion: "TLSv1.2" }, {}, ["TLSv1.2"]],
    [{}, { minVersion: "TLSv1", maxVersion: "TLSv1.2" }, ["TLSv1.2"]],
    [{ minVersion: "TLSv1.3", maxVersion: "TLSv1.3" }, { maxVersion: "TLSv1.2" }, ["TLSv1.3"]],
  ];
  for (const [tls, http2Options, expected] of rows) {
    const { port, warnings } = await served(t, { ...server, ...tls }, { http2Options });
    const versions: (string | null)[] = [];
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const options = { minVersion: version, maxVersion: version, ALPNProtocols: ["h2"] };
      const socket = await shakeHands(t, port, options).catch(() => undefined);
      if (socket !== undefined) versions.push(socket.getProtocol());
    }
    assert.deepEqual(versions, expected);
    const isReplaced = tls.maxVersion !== undefined && http2Options.maxVersion !== undefined;
    const ineffective = warnings.filter((text) => text === "createServer: http2Options: no effect: maxVersion");
    assert.equal(ineffective.length, isReplaced ? 1 : 0);
  }
});

/** The suite that a client gets which offers these. */
async function cipherOf(t: TestContext, port: number, options: ConnectionOptions): Promise<string | undefined> {
  const socket = await shakeHands(t, port, { ALPNProtocols: ["h2"], ...options }).catch(() => undefined);
  return socket?.getCipher().name;
}

const suites = [
  ...["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
  ...["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ...["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
];

for (const suite of suites) {
  // contract: TM-ciphers
  test(`${suite} can be the only cipher suite`, { timeout: 20_000 }, async (t) => {
    const { port, warnings } = await served(t, { certificates: [server, identity("rsa")], ciphers: suite });
    assert.equal(await cipherOf(t, port, {}), suite);
    const others = suites.filter((one) => one !== suite).join(":");
    assert.equal(await cipherOf(t, port, { ciphers: others }), undefined, "a client with the others is refused");
    assert.deepEqual(
      warnings.filter((text) => text.startsWith("createServer")),
      [],
    );
  });
}

// contract: TM-ciphers
test("the server's order of cipher suites is used", { timeout: 20_000 }, async (t) => {
  const [first, second] = ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256"];
  const { port } = await served(t, { ...server, ciphers: `${first}:${second}` });
  assert.equal(await cipherOf(t, port, { ciphers: `${second}:${first}` }), first);
  const { port: usual } = await served(t, server);
  const preferred = "ECDHE-ECDSA-AES256-GCM-SHA384";
  const client = { ciphers: `${second}:${preferred}`, maxVersion: "TLSv1.2" } as const;
  assert.equal(await cipherOf(t, usual, client), preferred);
});

// contract: TM-ciphers
test("cipher suites that do not exist here are named in the log, and none left is an error", {
  timeout: 20_000,
}, async (t) => {
  const suite = "ECDHE-ECDSA-AES128-GCM-SHA256";
  for (const [tls, http2Options, option] of [
    [{ ciphers: `AES128-SHA:${suite}:!aNULL` }, {}, "tls.ciphers"],
    [{}, { ciphers: `AES128-SHA:${suite}:!aNULL` }, "http2Options.ciphers"],
  ] as const) {
    const { port, warnings } = await served(t, { ...server, ...tls }, { http2Options });
    assert.equal(await cipherOf(t, port, {}), suite);
    assert.deepEqual(warnings, [`createServer: ${option}: no effect: AES128-SHA, !aNULL`]);
  }
});

/** The session of a new connection, and whether one with that session resumes it, after some time. */
async function isResumed(t: TestContext, port: number, pause = 0): Promise<boolean | undefined> {
  const session = (socket: TLSSocket) => Promise.race([once(socket, "session"), sleep(500)]);
  const first = await shakeHands(t, port, { ALPNProtocols: ["h2"] });
  first.resume();
  const [ticket] = ((await session(first)) ?? []) as Buffer[];
  first.destroy();
  if (ticket === undefined) return undefined;
  await sleep(pause);
  const second = await shakeHands(t, port, { ALPNProtocols: ["h2"], session: ticket });
  return second.isSessionReused();
}

// contract: TM-sessions
test("sessions are resumed by tickets, unless they are turned off", { timeout: 20_000 }, async (t) => {
  const { port } = await served(t, server);
  assert.equal(await isResumed(t, port), true);
  const { port: without, server: running } = await served(t, { ...server, sessionTickets: false });
  assert.equal(await isResumed(t, without), undefined, "there is no ticket");
  await running.reloadTLS({ ...server, sessionTickets: true });
  assert.equal(await isResumed(t, without), true);
  const tls12 = await shakeHands(t, port, { ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" });
  const again = await shakeHands(t, port, {
    ALPNProtocols: ["h2"],
    maxVersion: "TLSv1.2",
    session: tls12.getSession(),
  });
  assert.equal(again.isSessionReused(), true);
});

// contract: TM-sessions
test("a session that is older than sessionTimeout is not resumed", { timeout: 20_000 }, async (t) => {
  for (const options of [
    { tls: { ...server, sessionTimeout: 1 } },
    { tls: server, http2Options: { sessionTimeout: 1 } },
  ]) {
    const { port } = await served(t, server, options);
    assert.equal(await isResumed(t, port), true);
    // The time of tickets is counted in whole seconds, and the key changes with the next ticket.
    const session = await oldSession(t, port);
    await sleep(2_100);
    await (await shakeHands(t, port, { ALPNProtocols: ["h2"] })).destroy();
    await sleep(2_100);
    const socket = await shakeHands(t, port, { ALPNProtocols: ["h2"], session });
    assert.equal(socket.isSessionReused(), false);
  }
});

async function oldSession(t: TestContext, port: number): Promise<Buffer> {
  const socket = await shakeHands(t, port, { ALPNProtocols: ["h2"] });
  socket.resume();
  const [session] = (await once(socket, "session")) as [Buffer];
  socket.destroy();
  return session;
}

// contract: TM-passphrase
test("keys with a passphrase are opened, wherever it is given", { timeout: 20_000 }, async (t) => {
  const encrypted = { cert: server.cert, key: certificate("server.encrypted.key") };
  const scrypt = { cert: server.cert, key: certificatePath("server.scrypt.key") };
  const rows: [TLSOptions, Http2Options?][] = [
    [{ ...encrypted, passphrase: "secret" }],
    [{ ...scrypt, passphrase: "secret" }],
    [encrypted, { passphrase: "secret" }],
    [{ certificates: [{ ...encrypted, passphrase: "secret" }] }],
    [{ ...encrypted, passphrase: "secret", certificates: [{ ...identity("other"), passphrase: "of a key in clear" }] }],
    [{ certPath: certificatePath("server.crt"), keyPath: certificatePath("server.scrypt.key"), passphrase: "secret" }],
  ];
  for (const [tls, http2Options] of rows) {
    const { port } = await served(t, tls, { http2Options });
    assert.equal(await servedSerial(t, port), serialOf("server"));
  }
});

// contract: TM-passphrase
test("a key that cannot be opened is an error that says what would be right", { timeout: 10_000 }, async () => {
  const { cert } = server;
  const anew = "openssl pkcs8 -topk8 -in encrypted.key -out server.key";
  const rows: [TLSOptions, string][] = [
    [
      { cert, key: certificate("server.encrypted.key"), passphrase: "guessed" },
      "Error: tls.key: the passphrase does not open the private key",
    ],
    [
      { cert, key: certificate("server.pbes1.key"), passphrase: "secret" },
      `Error: tls.key: the private key is encrypted in a way that is not supported; PBES2 is (${anew})`,
    ],
    [
      { cert: certificate("rsa.crt"), key: certificate("rsa.pkcs1.encrypted.key"), passphrase: "secret" },
      "Error: tls.key: the private key is encrypted in the older way (RFC 1421); encrypt it anew " +
        `(${anew}), or give it decrypted`,
    ],
    [
      { cert, key: certificate("server.encrypted.key").slice(0, 100), passphrase: "secret" },
      "Error: tls.key: the encrypted private key is cut off or malformed",
    ],
  ];
  for (const [tls, error] of rows) assert.equal(await startError(tls), error);
});

/** The certificates of a text, one by one. */
const parts = (text: string) => text.split(/(?<=-----END CERTIFICATE-----\n)/);

// contract: TM-chain
test("a chain in the wrong order is told", { timeout: 20_000 }, async (t) => {
  const { cert, key } = identity("chained");
  const [leaf = "", intermediate = ""] = parts(cert);
  const error =
    "Error: tls.key: the private key does not belong to the first certificate of tls.cert, but to certificate 2: the " +
    "server's own must be the first, then those that lead to its root";
  assert.equal(await startError({ cert: intermediate + leaf, key }), error);
  const { port, warnings } = await served(t, { cert: leaf + ca + intermediate, key });
  const warning =
    "TLS: tls.cert: the chain is in the wrong order, which some clients refuse: certificate 1 (CN=chained) is issued " +
    "by certificate 3 (CN=intermediate), which must be the next one";
  assert.deepEqual(warnings, [warning]);
  assert.equal(await servedSerial(t, port), serialOf("chained"));
  const { warnings: none } = await served(t, { cert: leaf + intermediate + ca, key });
  assert.deepEqual(none, []);
});

/** Whether a handshake of this client succeeds, or the code of its alert. */
async function outcome(t: TestContext, port: number, name: string): Promise<string> {
  const options = { ...identity(name), ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" as const };
  return shakeHands(t, port, options).then(
    () => "ok",
    (error) => error.code,
  );
}

// contract: MC-crl
test("clients whose certificates are revoked are refused", { timeout: 20_000 }, async (t) => {
  const revoked = "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED";
  const rows: [string, TLSOptions["crl"], string][] = [
    ["without a list", undefined, "ok"],
    ["with a list that does not have it", certificate("none.crl"), "ok"],
    ["with a list that has it", certificate("client.crl"), revoked],
    ["with a list in a file, and another one", [certificatePath("client.crl"), certificate("none.crl")], revoked],
  ];
  for (const [what, crl, expected] of rows) {
    const { port, warnings } = await served(t, { ...server, ca, ...(crl !== undefined && { crl }) });
    assert.equal(await outcome(t, port, "client"), expected, what);
    if (expected === "ok") continue;
    // It is logged after the client has seen it.
    await eventually(() => warnings.length > 0, "the warning");
    assert.match(warnings[0] ?? "", /Revoked \(the client's certificate: CN=client\)$/);
  }
  const http2Options = { requestCert: true, ca, crl: certificate("client.crl") };
  const { port } = await served(t, server, { http2Options });
  assert.equal(await outcome(t, port, "client"), revoked, "by http2Options");
});

// contract: MC-crl
test("as in Node, an issuer without a list and a list that is not current refuse clients", {
  timeout: 20_000,
}, async (t) => {
  const { port, warnings } = await served(t, { ...server, ca, crl: certificate("outdated.crl") });
  const outdated =
    /^TLS: tls\.crl: the list of the certificates that CN=ca has revoked, has expired, at .*Z: clients of this issuer are refused$/;
  assert.match(warnings.join("\n"), outdated, "at the start");
  assert.notEqual(await outcome(t, port, "client"), "ok");
  await eventually(() => warnings.length > 1, "the warning");
  assert.match(warnings[1] ?? "", /revocation list expired: .*\(the client's certificate: CN=client\)$/);
  // Its certificate is issued by the intermediate authority. The list is one of the other authority.
  const { port: without } = await served(t, { ...server, ca });
  assert.equal(await outcome(t, without, "delegated"), "ok");
  const other = await served(t, { ...server, ca, crl: certificate("none.crl") });
  assert.notEqual(await outcome(t, other.port, "delegated"), "ok");
  await eventually(() => other.warnings.length > 0, "the warning");
  assert.match(other.warnings[0] ?? "", /UnknownRevocationStatus \(the client's certificate: CN=delegated\)$/);
});

// contract: MC-crl
test("a list that is none is an error", { timeout: 10_000 }, async () => {
  const broken = "-----BEGIN X509 CRL-----\naGVsbG8=\n-----END X509 CRL-----\n";
  const rows: [TLSOptions["crl"], string][] = [
    [ca, "Error: tls.crl: has no -----BEGIN X509 CRL-----"],
    [certificate("none.crl").slice(0, 100), "Error: tls.crl: is cut off: there is no -----END X509 CRL-----"],
    [certificate("none.crl") + broken, "Error: tls.crl: list 2 is not a certificate revocation list (RFC 5280)"],
  ];
  for (const [crl, error] of rows) assert.equal(await startError({ ...server, ca, crl }), error);
});

/** A certificate of its own for `localhost` that expires after so many days, of more than a hundred. */
function expiringIn(t: TestContext, days: number): DatedCertificate {
  const extensions = ["subjectAltName=DNS:localhost", "basicConstraints=critical,CA:TRUE"];
  const to = days * 86_400 + 60;
  return datedCertificate(t, { from: -100 * 86_400, to, name: "soon", extensions, isSelfSigned: true });
}

// contract: TM-expiry
test("a warning is logged before a certificate expires, once a day", { timeout: 20_000 }, async (t) => {
  const { cert, key } = expiringIn(t, 10);
  const pair = { cert, key };
  const pattern = /^TLS: the certificate CN=soon, serial number [0-9A-F]+, expires in (9|10) days, at \d{4}-.*Z$/;
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { server: running, warnings } = await served(t, pair);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", pattern);
  t.mock.timers.tick(86_400_000);
  assert.equal(warnings.length, 2);
  await running.reloadTLS({ ...pair, expiryWarning: 0 });
  t.mock.timers.tick(86_400_000);
  assert.equal(warnings.length, 2, "0 is never, as long as it has not expired");
  await running.reloadTLS({ ...pair, expiryWarning: 11 });
  assert.equal(warnings.length, 3, "a reload warns too");
  await running.stop();
  t.mock.timers.tick(86_400_000);
  assert.equal(warnings.length, 3, "not after the end");
  const later = expiringIn(t, 16);
  for (const tls of [
    { ...pair, expiryWarning: 8 },
    { cert: later.cert, key: later.key },
  ]) {
    const { warnings: none } = await served(t, tls);
    assert.deepEqual(none, []);
  }
});

// contract: TM-expiry
test("a certificate that lives for hours is told of in the last third of its life", { timeout: 20_000 }, async (t) => {
  const extensions = ["subjectAltName=DNS:localhost"];
  for (const [from, to, expected] of [
    [-3_600, 7_260, undefined],
    [-7_200, 3_000, /CN=brief, serial number \w+, expires in (49|50) minutes, at /],
    [-9 * 3_600, 7_260, /expires in 2 hours, at /],
  ] as const) {
    const { cert, key } = datedCertificate(t, { from, to, name: "brief", extensions });
    const { warnings } = await served(t, { cert, key });
    if (expected === undefined) assert.deepEqual(warnings, []);
    else assert.match(warnings.join("\n"), expected);
  }
});

// contract: TM-expiry
test("certificates of the chain and of authorities are looked at too, unless they are a bundle", {
  timeout: 20_000,
}, async (t) => {
  const soon = expiringIn(t, 10);
  const cert = server.cert + soon.cert;
  const chain = await served(t, { ...server, cert });
  assert.match(
    chain.warnings.join("\n"),
    /^TLS: the certificate CN=soon, serial number \w+, in the chain of CN=server, /,
  );
  const authority = await served(t, { ...server, ca: [ca, soon.cert] });
  assert.match(
    authority.warnings.join("\n"),
    /^TLS: the certificate CN=soon, serial number \w+, which is trusted for clients, expires in (9|10) days, at .*Z$/,
  );
  const bundle = await served(t, { ...server, ca: [soon.cert, ...Array.from({ length: 16 }, () => ca)] });
  assert.deepEqual(bundle.warnings, []);
});

// contract: TM-ciphers
test("suites that the key of no certificate can be used with are an error, of some certificates a warning", {
  timeout: 20_000,
}, async (t) => {
  const ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  const text = "none of the cipher suites of TLS 1.2 that are enabled can be used with its key (ECDSA)";
  assert.equal(await startError({ ...server, ciphers }), `Error: tls.cert: ${text}`);
  const certificates = [identity("rsa")];
  const { port, warnings } = await served(t, { ...server, certificates, ciphers });
  assert.deepEqual(warnings, [`TLS: tls.cert: ${text}`]);
  const options = { servername: "localhost", checkServerIdentity: () => undefined };
  assert.equal(await servedSerial(t, port, options), serialOf("rsa"));
  const both = await served(t, { ...server, ciphers: `${ciphers}:TLS_AES_128_GCM_SHA256` });
  assert.deepEqual(both.warnings, [`TLS: tls.cert: ${text}`]);
  assert.equal(await servedSerial(t, both.port), serialOf("server"), "over TLS 1.3");
  const newer = await served(t, { ...server, ciphers: "TLS_AES_128_GCM_SHA256" });
  assert.deepEqual(newer.warnings, [], "TLS 1.2 is not served at all");
});

// contract: O-http2Options
test("lists of revoked certificates without effect are not read, and those that seem to have one are an error", {
  timeout: 20_000,
}, async (t) => {
  const nowhere = "-----BEGIN X509 CRL-----\nbroken";
  const ignored: [TLSOptions, Http2Options][] = [
    [server, { crl: nowhere }],
    [server, { requestCert: true, rejectUnauthorized: false, crl: nowhere }],
    [{ ...server, ca, crl: certificate("none.crl") }, { crl: nowhere }],
    [{ ...server, ca, clientAuth: "none" }, { crl: nowhere }],
  ];
  for (const [tls, http2Options] of ignored) {
    const { warnings } = await served(t, tls, { http2Options });
    assert.match(warnings.join("\n"), /no effect: .*\bcrl\b/);
  }
  const options = { requestCert: true, rejectUnauthorized: false };
  const failing = createServer({
    services: [],
    port: 0,
    tls: { ...server, crl: certificate("none.crl") },
    http2Options: options,
  });
  await assert.rejects(failing.start(), /tls\.crl is about certificates of clients: tls\.ca is missing/);
});
