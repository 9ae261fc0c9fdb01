// TLS: sources of the certificate, rejected options, ALPN and protocol versions.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, readTLSCertificates, type TLSOptions } from "@connectum/core";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { deferred } from "./support/deferred.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { shakeHands } from "./support/shake-hands.ts";

const ca = certificate("ca.crt");
const echo = { echo: ({ text }: { text: string }) => ({ text }) };

/** Starts a server with TLS; resolves to its port. */
async function serveTls(t: TestContext, tls: TLSOptions, options: Partial<CreateServerOptions> = {}): Promise<number> {
  const { port } = await serveEcho(t, echo, { tls, ...options });
  return port;
}

async function callOver(port: number, httpVersion: "1.1" | "2"): Promise<string> {
  const transport = createConnectTransport({ baseUrl: `https://localhost:${port}`, httpVersion, nodeOptions: { ca } });
  const { text } = await createClient(EchoService, transport).echo({ text: httpVersion });
  return text;
}

function directoryWith(t: TestContext, files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), "connectum-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, source] of Object.entries(files)) copyFileSync(certificatePath(source), join(directory, name));
  return directory;
}

const server = identity("server");
const serverPaths = { certPath: certificatePath("server.crt"), keyPath: certificatePath("server.key") };
const forms: Record<string, TLSOptions> = {
  "PEM text": server,
  "PEM bytes": { cert: Buffer.from(server.cert), key: new Uint8Array(Buffer.from(server.key)) },
  "paths as cert and key": { cert: serverPaths.certPath, key: serverPaths.keyPath },
  "certPath and keyPath": serverPaths,
  "paths seen from the working directory": {
    certPath: relative(process.cwd(), serverPaths.certPath),
    keyPath: relative(process.cwd(), serverPaths.keyPath),
  },
  "cert and key, which win over paths and directory": {
    ...server,
    certPath: "/nowhere",
    keyPath: "/nowhere",
    dirPath: "/nowhere",
  },
  "paths, which win over a directory": { ...serverPaths, dirPath: "/nowhere" },
  "certificate and key in one text": { cert: server.cert + server.key, key: server.cert + server.key },
  "a key in PKCS#1": { cert: certificate("rsa.crt"), key: certificate("rsa.pkcs1.key") },
  "an RSA key in PKCS#8": identity("rsa"),
  "a key in SEC1": { cert: server.cert, key: certificate("server.sec1.key") },
  "a P-521 key": identity("p521"),
  "an Ed25519 key": identity("ed25519"),
  "a chain": identity("chained"),
};

for (const [what, tls] of Object.entries(forms)) {
  // contract: T4, DEC-pem, DEC-pem-order
  test(`the certificate comes from ${what}`, { timeout: 20_000 }, async (t) => {
    const port = await serveTls(t, tls);
    assert.deepEqual([await callOver(port, "1.1"), await callOver(port, "2")], ["1.1", "2"]);
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await shakeHands(t, port, { minVersion: version, maxVersion: version, ALPNProtocols: ["h2"] });
      assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, "h2"]);
    }
  });
}

// contract: T5, T6, O-tls
test("the certificate comes from a directory, or the one that TLS_DIR_PATH names", {
  timeout: 20_000,
}, async (t) => {
  const dirPath = directoryWith(t, { "server.crt": "server.crt", "server.key": "server.key" });
  assert.equal(await callOver(await serveTls(t, { dirPath }), "2"), "2");
  process.env["TLS_DIR_PATH"] = dirPath;
  t.after(() => delete process.env["TLS_DIR_PATH"]);
  assert.equal(await callOver(await serveTls(t, {}), "2"), "2");
  const { key, cert } = readTLSCertificates();
  assert.deepEqual([key.toString(), cert.toString()], [server.key, server.cert]);
});

const refused: Record<string, { tls: unknown; message: RegExp; code?: string }> = {
  "no certificate, no key": {
    tls: { cert: undefined, key: undefined },
    message:
      /^createServer: tls\.cert is undefined \(an unset variable\?\): tls\.key is missing too; both tls\.cert and tls\.key are needed$/,
  },
  "no key": {
    tls: { cert: server.cert, key: "" },
    message: /^createServer: tls\.key is "" \(an unset variable\?\): tls\.cert is given/,
  },
  "no certificate": { tls: { key: server.key }, message: /^createServer: tls\.cert is missing: tls\.key is given/ },
  "a certPath alone": { tls: { certPath: "a" }, message: /^createServer: tls\.keyPath is missing/ },
  "a keyPath alone, with a directory": {
    tls: { keyPath: "a", dirPath: "b" },
    message: /^createServer: tls\.certPath is missing/,
  },
  "paths that are not set": { tls: { certPath: undefined, keyPath: undefined }, message: /tls\.certPath is undefined/ },
  "a file that is not there": {
    tls: { dirPath: "/nowhere" },
    message: /ENOENT: no such file or directory, open '\/nowhere\/server\.key'/,
    code: "ENOENT",
  },
  "a key of another certificate": {
    tls: { cert: server.cert, key: certificate("client.key") },
    message: /^tls\.key: the private key does not belong to the first certificate of tls\.cert$/,
    code: "ERR_TLS_KEY_MISMATCH",
  },
  "an encrypted key in PKCS#8": {
    tls: { cert: server.cert, key: certificate("server.encrypted.key") },
    message:
      /^tls\.key: the private key is encrypted; set its passphrase, or give it decrypted \(openssl pkey -in encrypted\.key -out server\.key\)$/,
    code: "ERR_TLS_KEY_ENCRYPTED",
  },
  "an encrypted key in PKCS#1": {
    tls: { cert: certificate("rsa.crt"), key: certificatePath("rsa.pkcs1.encrypted.key") },
    message: /^tls\.key \(.*rsa\.pkcs1\.encrypted\.key\): the private key is encrypted/,
  },
  "an expired certificate": {
    tls: { cert: certificate("expired.crt"), key: server.key },
    message: /^tls\.cert: certificate 1 \(CN=expired\) expired at /,
    code: "CERT_HAS_EXPIRED",
  },
  "a key where the certificate belongs": {
    tls: { cert: server.key, key: server.key },
    message: /^tls\.cert: has no -----BEGIN CERTIFICATE-----$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a certificate where the key belongs": {
    tls: { cert: serverPaths.certPath, key: serverPaths.certPath },
    message: /^tls\.key \(.*server\.crt\): has no -----BEGIN PRIVATE KEY-----$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a certificate cut short": {
    tls: { cert: server.cert.slice(0, 200), key: server.key },
    message: /^tls\.cert: is cut off: there is no -----END CERTIFICATE-----$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a certificate that is not Base64": {
    tls: { cert: "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", key: server.key },
    message: /^tls\.cert: has a block that is not Base64$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a certificate that begins wrongly": {
    tls: { cert: "-----BEGIN CERTIFICATE\naGVsbG8=\n-----END CERTIFICATE-----\n", key: server.key },
    message: /^tls\.cert: has a line with -----BEGIN that does not end with -----$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a certificate in DER": {
    tls: { cert: Buffer.from(server.cert.split("\n").slice(1, -2).join(""), "base64"), key: server.key },
    message: /^tls\.cert: has no -----BEGIN CERTIFICATE-----$/,
    code: "ERR_TLS_INVALID_PEM",
  },
  "a key that is none": {
    tls: { cert: server.cert, key: "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n" },
    message:
      /^tls\.key: the private key is not one of RSA \(2,048 to 8,192 bits\), ECDSA \(P-256, P-384, P-521\) or Ed25519$/,
    code: "ERR_TLS_INVALID_KEY",
  },
  "an invalid certificate": {
    tls: { cert: "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", key: server.key },
    message: /^tls\.cert: certificate 1 is not an X\.509 certificate \(RFC 5280\)$/,
    code: "ERR_TLS_INVALID_CERTIFICATE",
  },
  "an invalid authority": {
    tls: { ...server, ca: server.key },
    message: /^tls\.ca: has no -----BEGIN CERTIFICATE-----$/,
  },
  "no authority to trust": {
    tls: { ...server, clientAuth: "require" },
    message: /^createServer: tls\.ca is missing: tls\.clientAuth is "require"/,
  },
  "an unknown clientAuth": {
    tls: { ...server, clientAuth: "maybe" },
    message: /^createServer: tls\.clientAuth must be one of "none", "request", "require", not "maybe"$/,
  },
  "a number as certificate": {
    tls: { cert: 1, key: server.key },
    message: /^createServer: tls\.cert must be PEM text/,
  },
  "no object": { tls: true, message: /^createServer: tls must be an object, not true$/ },
};

// contract: T5, T6
test("without a certificate the error names the options, the variable, and the directory that was tried", {
  timeout: 10_000,
}, async (t) => {
  const before = process.env["TLS_DIR_PATH"];
  t.after(() => {
    if (before === undefined) delete process.env["TLS_DIR_PATH"];
    else process.env["TLS_DIR_PATH"] = before;
  });
  const advice = "Set tls.certPath and tls.keyPath, tls.dirPath, or TLS_DIR_PATH";
  const cause = (directory: string) => `ENOENT: no such file or directory, open '${directory}/server.key'`;
  for (const [variable, directory, origin] of [
    [undefined, resolve("../../../keys"), "the default, as TLS_DIR_PATH is not set"],
    ["/nowhere", "/nowhere", "the directory of the variable TLS_DIR_PATH"],
  ] as const) {
    if (variable === undefined) delete process.env["TLS_DIR_PATH"];
    else process.env["TLS_DIR_PATH"] = variable;
    await assert.rejects(createServer({ services: [], port: 0, tls: {} }).start(), {
      code: "ENOENT",
      message:
        `createServer: tls names no certificate, so server.crt and server.key were looked for in ${directory} ` +
        `(${origin}): ${cause(directory)}. ${advice}`,
    });
  }
});

for (const [what, { tls, message, code }] of Object.entries(refused)) {
  // contract: T7, DEC-pem-missing, DEC-pem-pair
  test(`start() rejects: ${what}`, { timeout: 10_000 }, async () => {
    const failing = createServer({ services: [], port: 0, tls: tls as TLSOptions });
    await assert.rejects(failing.start(), { message, ...(code === undefined ? {} : { code }) });
    assert.deepEqual([failing.state, failing.address], ["stopped", null]);
  });
}

test("every protocol works over TLS, and handlers see https", { timeout: 20_000 }, async (t) => {
  const urls: string[] = [];
  const { port } = await serveEcho(
    t,
    {
      echo: ({ text }, { url }) => {
        urls.push(url);
        return { text };
      },
    },
    { tls: server },
  );
  const options = { baseUrl: `https://localhost:${port}`, nodeOptions: { ca }, httpVersion: "2" as const };
  const { httpVersion: _, ...grpc } = options;
  const transports = [createConnectTransport(options), createGrpcTransport(grpc), createGrpcWebTransport(options)];
  for (const transport of transports) await createClient(EchoService, transport).echo({ text: "t" });
  const url = `https://localhost:${port}/connectum.test.v1.EchoService/Echo`;
  assert.deepEqual(urls, [url, url, url]);
});

// contract: T1
test("with TLS nothing is served in plaintext", { timeout: 20_000 }, async (t) => {
  const warnings: string[] = [];
  const logger = { ...console, warn: (message: string) => void warnings.push(message) };
  const port = await serveTls(t, server, { logger });
  const alert = await new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connectTcp(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    socket.on("data", (chunk) => chunks.push(chunk)).on("close", () => resolve(Buffer.concat(chunks)));
  });
  // A TLS record of type alert (21).
  assert.equal(alert[0], 21);
  assert.match(warnings.join(), /^TLS handshake with 127\.0\.0\.1:\d+ failed: /);
});

// contract: T2, O-allowHTTP1
test("without HTTP/1.1 a client that offers only HTTP/1.1 gets an alert", { timeout: 20_000 }, async (t) => {
  const port = await serveTls(t, server, { allowHTTP1: false });
  await assert.rejects(shakeHands(t, port, { ALPNProtocols: ["http/1.1"] }), {
    code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
  });
  assert.equal((await shakeHands(t, port, { ALPNProtocols: ["http/1.1", "h2"] })).alpnProtocol, "h2");
  assert.equal(await callOver(port, "2"), "2");
});

// contract: T2
test("without HTTP/1.1 a client without ALPN that speaks HTTP/1.1 gets a 505", {
  timeout: 20_000,
}, async (t) => {
  const port = await serveTls(t, server, { allowHTTP1: false });
  const socket = await shakeHands(t, port);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const [first] = await new Promise<string[]>((resolve) => socket.once("data", (data) => resolve([String(data)])));
  assert.match(first ?? "", /^HTTP\/1\.1 505 .*This port speaks HTTP\/2 only$/s);
});

test("a client without ALPN is served in the HTTP version that it uses", { timeout: 20_000 }, async (t) => {
  const socket = await shakeHands(t, await serveTls(t, server));
  const head = [
    "POST /connectum.test.v1.EchoService/Echo HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
  ];
  socket.write([...head, "Content-Length: 2", "", "{}"].join("\r\n"));
  const first = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  assert.match(first, /^HTTP\/1\.1 200 OK/);
});

// contract: O-handshakeTimeout
test("a handshake that takes too long is ended, and the log has the reason", { timeout: 20_000 }, async (t) => {
  for (const options of [
    { handshakeTimeout: 200 },
    { handshakeTimeout: 9_000, http2Options: { handshakeTimeout: 200 } },
  ]) {
    let warn = (_message: string) => {};
    const warning = new Promise<string>((resolve) => {
      warn = resolve;
    });
    const port = await serveTls(t, server, { logger: { ...console, warn }, ...options });
    const startedAt = performance.now();
    await new Promise((resolve) => connectTcp(port, "127.0.0.1").on("close", resolve).resume());
    const took = performance.now() - startedAt;
    assert.ok(took > 150 && took < 5_000, `closed after ${took} ms`);
    // It is logged after the client has seen it.
    assert.match(await warning, /^TLS handshake with 127\.0\.0\.1:\d+ failed: not done within 200 ms$/);
  }
});

// contract: O-http2Options
test("the minimum and maximum TLS versions can be set", { timeout: 20_000 }, async (t) => {
  const old = await serveTls(t, server, { http2Options: { maxVersion: "TLSv1.2" } });
  await assert.rejects(shakeHands(t, old, { minVersion: "TLSv1.3" }), { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  const fresh = await serveTls(t, server, { http2Options: { minVersion: "TLSv1.3" } });
  await assert.rejects(shakeHands(t, fresh, { maxVersion: "TLSv1.2" }), {
    code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  });
});

// contract: O-http2Options
test("options of node:http2 without effect are named in the log, key and cert among them", {
  timeout: 20_000,
}, async (t) => {
  const warnings: string[] = [];
  const logger = { ...console, warn: (message: string) => void warnings.push(message) };
  const stranger = identity("stranger");
  const port = await serveTls(t, server, { logger, http2Options: { ...stranger, ecdhCurve: "x", allowHTTP1: false } });
  assert.equal(await callOver(port, "1.1"), "1.1");
  assert.deepEqual(warnings, ["createServer: http2Options: no effect: cert, key, ecdhCurve, allowHTTP1"]);
});

test("draining lets a call over TLS finish", { timeout: 20_000 }, async (t) => {
  const { promise: isCalled, resolve: begun } = deferred();
  const { server: running, port } = await serveEcho(
    t,
    {
      echo: async ({ text }) => {
        begun();
        await once(running.shutdownSignal, "abort");
        return { text };
      },
    },
    { tls: server, shutdown: { timeout: 5_000 } },
  );
  const call = callOver(port, "2");
  await isCalled;
  await running.stop();
  assert.equal(await call, "2");
});
