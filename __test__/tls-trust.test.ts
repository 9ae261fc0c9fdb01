// Whom a server with client certificates trusts, and for how long: sessions, revoked and expired certificates, expired
// authorities, and options that forget about all of that.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import type { CreateServerOptions, TLSOptions, TLSReloadError } from "@connectum/core";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { datedCertificate } from "./support/dated-certificate.ts";
import { eventually } from "./support/eventually.ts";
import { startError } from "./support/listen.ts";
import { revocationList } from "./support/revocation-list.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { shakeHands } from "./support/shake-hands.ts";

const TIMEOUT = { timeout: 30_000 };
const server = identity("server");
const ca = certificate("ca.crt");
const FOR_CLIENTS = ["extendedKeyUsage=clientAuth"];
const FOR_SERVERS = ["subjectAltName=DNS:localhost"];

async function served(t: TestContext, tls: TLSOptions, options: Partial<CreateServerOptions> = {}) {
  const lines: string[] = [];
  const ignore = () => {};
  const line = (text: string) => void lines.push(text);
  const logger = { debug: ignore, info: line, warn: line, error: line };
  return { ...(await serveEcho(t, {}, { tls, logger, ...options })), lines };
}

/** Whether the server keeps the connection of a client: over TLS 1.3 it refuses it only behind the handshake. */
function isServed(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true)).once("close", () => resolve(false));
    // "close" follows.
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  });
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  // contract: MC-resumed
  test(`${version}: no session outlives the certificate of its client`, TIMEOUT, async (t) => {
    const { port, lines } = await served(t, { ...server, ca });
    const { cert, key } = datedCertificate(t, { from: -60, to: 3, name: "short", extensions: FOR_CLIENTS });
    const client = { cert, key, minVersion: version, maxVersion: version, ALPNProtocols: ["http/1.1"] };
    const first = await shakeHands(t, port, client);
    let session: Buffer | undefined = first.getSession();
    first.on("session", (ticket: Buffer) => {
      session = ticket;
    });
    assert.equal(await isServed(first), true);
    const second = await shakeHands(t, port, { ...client, session });
    assert.deepEqual([second.isSessionReused(), await isServed(second)], [true, true]);
    await sleep(4_000);
    const third = await shakeHands(t, port, { ...client, session }).catch(() => undefined);
    assert.equal(third !== undefined && (await isServed(third)), false);
    const pattern =
      /a TLS session of 127\.0\.0\.1:\d+ was not resumed: .*[Ee]xpired.* \(the client's certificate: CN=short\)/;
    await eventually(() => lines.some((line) => pattern.test(line)), `the log says so: ${lines.join("; ")}`);
  });
}

// contract: MC-crl
test("a revoked certificate is refused although it is trusted by name", TIMEOUT, async (t) => {
  const client = { ...identity("client"), ALPNProtocols: ["http/1.1"] };
  for (const [tls, expected] of [
    [{ ca: certificate("client.crt") }, true],
    [{ ca: certificate("client.crt"), crl: certificate("none.crl") }, true],
    [{ ca: certificate("client.crt"), crl: certificate("client.crl") }, false],
    [{ ca: [ca, certificate("client.crt")], crl: certificate("client.crl") }, false],
  ] as const) {
    const { port } = await served(t, { ...server, ...tls } as TLSOptions);
    const socket = await shakeHands(t, port, client).catch(() => undefined);
    assert.equal(socket !== undefined && (await isServed(socket)), expected, Object.keys(tls).join());
  }
  const broken = { ...server, ca: certificate("client.crt"), crl: "-----BEGIN nonsense-----\n" };
  assert.match(String(await startError({ tls: broken })), /^Error: tls\.crl: /);
});

// contract: MC-authority
test("an authority that has expired signs no more", TIMEOUT, async (t) => {
  const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign"];
  const old = datedCertificate(t, { from: -3600, to: -60, name: "old", extensions, isSelfSigned: true });
  const issuer = { cert: join(old.directory, "server.crt"), key: join(old.directory, "server.key") };
  const { cert, key } = datedCertificate(t, { from: -60, to: 3600, name: "late", extensions: FOR_CLIENTS, issuer });
  const { port } = await served(t, { ...server, ca: [ca, old.cert] });
  const late = await shakeHands(t, port, { cert, key, ALPNProtocols: ["http/1.1"] }).catch(() => undefined);
  assert.equal(late !== undefined && (await isServed(late)), false);
  const client = await shakeHands(t, port, { ...identity("client"), ALPNProtocols: ["http/1.1"] });
  assert.equal(await isServed(client), true, "the other authority signs");
});

// contract: O-tls
test("a certificate that is not valid yet is refused, at the start and when it is reloaded", TIMEOUT, async (t) => {
  const { cert, key } = datedCertificate(t, { from: 3600, to: 7200, name: "later", extensions: FOR_SERVERS });
  const pattern = /tls\.cert: certificate 1 \(CN=later\) is not valid before /;
  assert.match(String(await startError({ tls: { cert, key } })), pattern);
  const { server: running } = await served(t, server);
  await assert.rejects(running.reloadTLS({ cert, key }), (error: Error & { code?: string }) => {
    assert.match(error.message, pattern);
    return error.code === "CERT_NOT_YET_VALID";
  });
});

// contract: TR-manual
test("reloadTLS() does not stop verifying clients because an option is left out", TIMEOUT, async (t) => {
  const { server: running, port } = await served(t, { ...server, ca });
  const message =
    "server.reloadTLS: tls has no ca, so certificates of clients would not be verified any more. " +
    'Give tls.ca again, or tls.clientAuth: "none"';
  await assert.rejects(running.reloadTLS(identity("p521")), { name: "TypeError", message });
  await assert.rejects(
    running.reloadTLS(async () => identity("p521")),
    { name: "TypeError", message },
  );
  const stranger = await shakeHands(t, port, { ALPNProtocols: ["http/1.1"] }).catch(() => undefined);
  assert.equal(stranger !== undefined && (await isServed(stranger)), false);
  await running.reloadTLS({ ...identity("p521"), clientAuth: "none" });
  assert.equal(await isServed(await shakeHands(t, port, { ALPNProtocols: ["http/1.1"] })), true);
  await running.reloadTLS(identity("server"));
});

// contract: TR-bad
test("a file that cannot be read for a while is read again", TIMEOUT, async (t) => {
  const { directory } = datedCertificate(t, { from: -60, to: 3600, name: "first", extensions: FOR_SERVERS });
  const next = datedCertificate(t, { from: -60, to: 3600, name: "second", extensions: FOR_SERVERS });
  const { server: running } = await served(t, { dirPath: directory });
  const errors: TLSReloadError[] = [];
  running.on("tlsReloadError", (error) => errors.push(error));
  // No file for a while, which looks the same all the time.
  renameSync(join(directory, "server.crt"), join(directory, "gone.crt"));
  await eventually(() => errors.length > 0, "it is reported");
  await sleep(1_500);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["ENOENT"],
    "once",
  );
  for (const file of ["server.key", "server.crt"]) renameSync(join(next.directory, file), join(directory, file));
  await eventually(() => running.certificates[0]?.subject === "CN=second", "the next one is taken");
});

// contract: TR-bad
test("errors of a reload are told as they are, whatever object was thrown", TIMEOUT, async (t) => {
  const { server: running } = await served(t, server);
  const told: TLSReloadError[] = [];
  running.on("tlsReloadError", (error) => told.push(error));
  const thrown = Object.freeze(Object.assign(new Error("the vault is sealed"), { code: "SEALED" }));
  await assert.rejects(
    running.reloadTLS(() => Promise.reject(thrown)),
    (error) => error === thrown,
  );
  assert.deepEqual(
    told.map(({ message, code, listener, cause }) => [message, code, listener, cause]),
    [["the vault is sealed", "SEALED", 0, thrown]],
  );
});

// contract: O-tls
test("no error shows a key or a passphrase", TIMEOUT, async () => {
  const key = certificate("ed25519.key").replace(/-----[A-Z ]+-----|\n/g, "");
  for (const text of [key, `BEGIN PRIVATE KEY\n${key}`, `-----BEGIN\\n${key}`]) {
    for (const tls of [
      { cert: certificate("ed25519.crt"), key: text },
      { certPath: "a", keyPath: text },
    ]) {
      const error = String(await startError({ tls }));
      assert.ok(!error.includes(key.slice(0, 20)), error);
    }
  }
  assert.match(
    String(await startError({ tls: { ...server, passphrase: 123456 } as unknown as TLSOptions })),
    /not a number$/,
  );
});

// contract: O-tls
test("an issuer in the chain that has expired is a warning, as clients may not need it", TIMEOUT, async (t) => {
  const extensions = ["basicConstraints=critical,CA:TRUE"];
  const old = datedCertificate(t, { from: -3600, to: -60, name: "old", extensions, isSelfSigned: true });
  const { port, lines } = await served(t, { ...server, cert: server.cert + old.cert });
  await shakeHands(t, port);
  assert.match(lines.join("\n"), /CN=old, serial number [0-9A-F]+, in the chain of CN=server, has expired, at /);
});

// contract: O-tls
test("a byte order mark is no part of PEM, and escaped line breaks are told", TIMEOUT, async (t) => {
  for (const cert of [`\ufeff${server.cert}`, Buffer.from(`\ufeff${server.cert}`)]) {
    const { port } = await served(t, { ...server, cert });
    await shakeHands(t, port);
  }
  const escaped = server.key.replaceAll("\n", "\\n");
  const text = "Error: tls.key: has \\n instead of line breaks: are they escaped, in a variable?";
  assert.equal(String(await startError({ tls: { ...server, key: escaped } })), text);
});

// contract: TR-function
test("a function that does not return is waited for 30 seconds", TIMEOUT, async (t) => {
  const { server: running } = await served(t, server);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const reloading = running.reloadTLS(() => new Promise(() => {}));
  const refused = assert.rejects(reloading, {
    message: "createServer: tls() must return options of TLS within 30 s, and has not",
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(30_000);
  await refused;
  t.mock.timers.reset();
  await running.reloadTLS();
});

// contract: TM-sni
test(
  "a client gets a certificate that it can verify, whatever the order of names, and by a wildcard",
  TIMEOUT,
  async (t) => {
    const rsa = { ...identity("rsa"), names: ["127.0.0.1", "localhost"] };
    const { port } = await served(t, { certificates: [{ ...server, names: ["localhost", "127.0.0.1"] }, rsa] });
    const only = {
      maxVersion: "TLSv1.2",
      ciphers: "ECDHE-RSA-AES128-GCM-SHA256",
      checkServerIdentity: () => undefined,
    };
    for (const servername of ["localhost", ""]) {
      const socket = await shakeHands(t, port, { ...only, servername } as ConnectionOptions);
      assert.equal(socket.getPeerCertificate().subject.CN, "rsa", servername);
    }
  },
);

// contract: MC-alert
test("a client that has issued itself is told that its authority is unknown", TIMEOUT, async (t) => {
  const { port, lines } = await served(t, { ...server, ca });
  const extensions = ["basicConstraints=critical,CA:TRUE"];
  const self = datedCertificate(t, { from: -60, to: 3600, name: "self", extensions, isSelfSigned: true });
  const signer = datedCertificate(t, { from: -60, to: 3600, name: "signer", extensions });
  const rows = [
    [self, "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", /UnknownIssuer \(the client's certificate: CN=self\)$/],
    [signer, "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", /InvalidPurpose \(the client's certificate: CN=signer\)$/],
  ] as const;
  for (const [{ cert, key }, code, line] of rows) {
    const client = { cert, key, maxVersion: "TLSv1.2" as const, ALPNProtocols: ["h2"] };
    await assert.rejects(shakeHands(t, port, client), { code });
    await eventually(() => line.test(lines.at(-1) ?? ""), `the log says so: ${lines.at(-1)}`);
  }
});

// contract: TM-sni
test(
  "of several certificates one that is not valid is a warning, and shown to those who ask for it",
  TIMEOUT,
  async (t) => {
    const cases = [
      [-3600, -60, /CN=one, serial number \w+, has expired, at /, "CERT_HAS_EXPIRED"],
      [3600, 7200, /tls\.certificates\[0\]\.cert: certificate 1 \(CN=one\) is not valid before /, "CERT_NOT_YET_VALID"],
    ] as const;
    for (const [from, to, warning, code] of cases) {
      const { cert, key } = datedCertificate(t, { from, to, name: "one", extensions: ["subjectAltName=DNS:one.test"] });
      const { port, lines } = await served(t, { ...server, expiryWarning: 0, certificates: [{ cert, key }] });
      assert.equal(lines.filter((line) => warning.test(line)).length, 1, lines.join("\n"));
      await shakeHands(t, port);
      await assert.rejects(shakeHands(t, port, { servername: "one.test" }), { code });
      const error = await startError({ tls: { certificates: [{ cert, key }] } });
      assert.equal((error as { code?: string }).code, code, "as the only one it is an error");
    }
  },
);

/** Whether a client that shows this is served, over TLS 1.2, in which a refusal is part of the handshake. */
async function isAccepted(t: TestContext, port: number, client: { cert: string; key: string }): Promise<boolean> {
  const { cert, key } = client;
  return shakeHands(t, port, { cert, key, maxVersion: "TLSv1.2", ALPNProtocols: ["h2"] }).then(
    () => true,
    () => false,
  );
}

const SIGNS = ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign"];

// contract: MC-signs
test("an authority that is not valid signs nothing, whatever a client sends along", TIMEOUT, async (t) => {
  const authority = (name: string, from: number, to: number) =>
    datedCertificate(t, { from, to, name, extensions: SIGNS, isSelfSigned: true });
  const paths = ({ directory }: { directory: string }) => ({
    cert: join(directory, "server.crt"),
    key: join(directory, "server.key"),
  });
  const by = (issuer: { directory: string }) =>
    datedCertificate(t, { from: -60, to: 3600, name: "client", extensions: FOR_CLIENTS, issuer: paths(issuer) });
  const good = authority("good", -3600, 3600);
  for (const [from, to] of [
    [-3600, -60],
    [1800, 3600],
  ] as const) {
    const bad = authority("bad", from, to);
    const renewed = authority("bad", -60, 3600);
    const { port } = await served(t, { ...server, ca: [bad.cert, good.cert, renewed.cert] });
    assert.equal(await isAccepted(t, port, by(good)), true);
    assert.equal(await isAccepted(t, port, by(renewed)), true, "the same name with a new key");
    const client = by(bad);
    assert.equal(await isAccepted(t, port, client), false);
    assert.equal(await isAccepted(t, port, { ...client, cert: client.cert + good.cert }), false, "with a good one");
  }
});

// contract: MC-crl
test("of several lists of an issuer the newest counts, in whatever order", TIMEOUT, async (t) => {
  const [bad, good] = ["bad", "good"].map((name) =>
    datedCertificate(t, { from: -60, to: 3600, name, extensions: FOR_CLIENTS }),
  );
  if (bad === undefined || good === undefined) throw new Error("two were made");
  const older = revocationList(t, { revoked: [], from: -7200, to: 3600 });
  const outdated = revocationList(t, { revoked: [], from: -7200, to: -3600 });
  const newer = revocationList(t, { revoked: [bad.cert], from: -60, to: 3600 });
  const future = revocationList(t, { revoked: [], from: 1800, to: 3600 });
  for (const crl of [[older, newer], [newer, older], [older + newer], [outdated, newer], [newer, future]]) {
    const { port } = await served(t, { ...server, ca, crl });
    assert.deepEqual([await isAccepted(t, port, bad), await isAccepted(t, port, good)], [false, true]);
  }
  const error = await startError({ tls: { ...server, ca, crl: future } });
  assert.match(String(error), /^Error: tls\.crl: list 1 is not valid before /);
  assert.equal((error as { code?: string }).code, "CERT_NOT_YET_VALID");
});

// contract: MC-crl
test("a list of version 1 is an error that says how to make one of version 2", TIMEOUT, async (t) => {
  const crl = revocationList(t, { revoked: [], from: -60, to: 3600, isOld: true });
  const error = await startError({ tls: { ...server, ca, crl: [certificate("none.crl"), crl] } });
  assert.match(
    String(error),
    /^Error: tls\.crl\[1\]: list 1 is of version 1, and version 2 is needed .*crl_extensions/,
  );
});

// contract: TR-manual
test("reloadTLS() does not forget revoked certificates because an option is left out", TIMEOUT, async (t) => {
  const crl = certificate("client.crl");
  const { port, server: running } = await served(t, { ...server, ca, crl });
  const text =
    "server.reloadTLS: tls has no crl, so revoked certificates would be accepted. Give tls.crl again, or tls.crl: []";
  await assert.rejects(running.reloadTLS({ ...server, ca }), { name: "TypeError", message: text });
  assert.equal(await isAccepted(t, port, identity("client")), false);
  await running.reloadTLS({ ...server, ca, crl: [] });
  assert.equal(await isAccepted(t, port, identity("client")), true);
});

// contract: MC-alert
test("the log names clients without a subject, and those whose signature is refused", TIMEOUT, async (t) => {
  const { port, lines } = await served(t, { ...server, ca });
  const rows = [
    [signedBy(t, "/", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]), "spiffe://example.org/a"],
    [signedBy(t, "/CN=weak", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]), "CN=weak"],
  ] as const;
  for (const [client, name] of rows) {
    assert.equal(await isAccepted(t, port, client), false);
    const shown = `(the client's certificate: ${name})`;
    await eventually(() => lines.at(-1)?.endsWith(shown) === true, `the log says so: ${lines.at(-1)}`);
  }
});

/** A certificate that may not be a client's, of the authority of the tests. */
function signedBy(t: TestContext, subject: string, algorithm: readonly string[]): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), "connectum-client-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("genpkey", ...algorithm, "-out", path("key"));
  openssl("req", "-new", "-key", path("key"), "-subj", subject, "-out", path("csr"));
  const use = subject === "/" ? "serverAuth" : "clientAuth";
  writeFileSync(path("extensions"), `subjectAltName=URI:spiffe://example.org/a\nextendedKeyUsage=${use}\n`);
  const authority = ["-CA", certificatePath("ca.crt"), "-CAkey", certificatePath("ca.key"), "-days", "1"];
  openssl("x509", "-req", "-in", path("csr"), ...authority, "-extfile", path("extensions"), "-out", path("crt"));
  return { cert: readFileSync(path("crt"), "utf8"), key: readFileSync(path("key"), "utf8") };
}

// contract: MC-resumed
test("a ticket of TLS 1.2 is not used after sessionTimeout, though nobody came meanwhile", TIMEOUT, async (t) => {
  const { port } = await served(t, { ...server, sessionTimeout: 2 });
  const options = { maxVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] } as const;
  const first = await shakeHands(t, port, options);
  const session = first.getSession();
  assert.equal((await shakeHands(t, port, { ...options, session })).isSessionReused(), true);
  await sleep(6_000);
  assert.equal((await shakeHands(t, port, { ...options, session })).isSessionReused(), false);
});

// contract: O-tls
test("a certificate of version 1 is an error that says so", TIMEOUT, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "connectum-version-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [key, request, cert] = ["key", "csr", "crt"].map((file) => join(directory, file)) as [string, string, string];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key);
  openssl("req", "-new", "-key", key, "-subj", "/CN=old", "-out", request);
  openssl("x509", "-req", "-in", request, "-signkey", key, "-out", cert);
  const text = String(await startError({ tls: { certPath: cert, keyPath: key } }));
  assert.match(text, /crt: certificate 1 \(CN=old\) is of version 1, and version 3 is needed \(RFC 5280\)/);
});
