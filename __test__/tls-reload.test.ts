// Certificates that change while the server runs: by hand, and by their files.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CreateServerOptions,
  createServer,
  type Server,
  type TLSOptions,
  type TLSReload,
  type TLSReloadError,
  type TLSSource,
} from "@connectum/core";
import { certificate, certificatePath, identity } from "./support/certificates.ts";
import { datedCertificate } from "./support/dated-certificate.ts";
import { eventually } from "./support/eventually.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { servedSerial, shakeHands } from "./support/shake-hands.ts";

const echo = { echo: ({ text }: { text: string }) => ({ text }) };
const ca = certificate("ca.crt");
const serialOf = (name: string) => new X509Certificate(certificate(`${name}.crt`)).serialNumber;
/** The quiet time of the files, and what a busy machine adds. Within it nothing may happen. */
const LONG_ENOUGH_MS = 700;

/** A directory with `server.crt` and `server.key`. */
function directoryOf(t: TestContext, name: string): string {
  const directory = mkdtempSync(join(tmpdir(), "connectum-reload-"));
  t.after(() => rmSync(directory, { recursive: true }));
  put(directory, name);
  return directory;
}

/** Writes certificate and key of that name beside the old ones, and renames them. */
function put(directory: string, name: string, key = name): void {
  for (const [file, source] of [
    ["server.crt", `${name}.crt`],
    ["server.key", `${key}.key`],
  ] as const) {
    copyFileSync(certificatePath(source), join(directory, `.${file}`));
    renameSync(join(directory, `.${file}`), join(directory, file));
  }
}

interface Told {
  readonly server: Server;
  readonly port: number;
  readonly reloads: TLSReload[];
  readonly errors: TLSReloadError[];
  readonly lines: string[];
}

/** A server, with what its events and its log tell. */
async function served(t: TestContext, tls: TLSSource, options: Partial<CreateServerOptions> = {}): Promise<Told> {
  const lines: string[] = [];
  const ignore = () => {};
  const line = (message: string) => void lines.push(message);
  const logger = { debug: ignore, info: line, warn: line, error: line };
  const { server, port } = await serveEcho(t, echo, { tls, logger, ...options });
  const reloads: TLSReload[] = [];
  const errors: TLSReloadError[] = [];
  server.on("tlsReload", (reload) => reloads.push(reload)).on("tlsReloadError", (error) => errors.push(error));
  return { server, port, reloads, errors, lines };
}

// contract: TR-manual, TR-old-connections
test("reloadTLS() reads the files again: new connections get the new certificate, open ones go on", {
  timeout: 20_000,
}, async (t) => {
  const dirPath = directoryOf(t, "server");
  const { server, port, reloads, lines } = await served(t, { dirPath, watch: false });
  const session = connectHttp2(`https://localhost:${port}`, { ca });
  t.after(() => session.destroy());
  await once(session, "connect");
  assert.equal(server.certificates[0]?.serialNumber, serialOf("server"));
  put(dirPath, "p521");
  await sleep(LONG_ENOUGH_MS);
  assert.equal(await servedSerial(t, port), serialOf("server"), "watch is false");
  await server.reloadTLS();
  assert.equal(await servedSerial(t, port), serialOf("p521"));
  const stream = session.request({ ":path": "/nothing" }).resume();
  const [{ ":status": status }] = await once(stream, "response");
  assert.equal(status, 404, "the open connection is served");
  assert.deepEqual(reloads, [{ listener: 0, certificates: server.certificates }]);
  const [shown = assert.fail("there is a certificate")] = server.certificates;
  const { subject, names, issuer, serialNumber, validFrom, validTo } = shown;
  const expected = new X509Certificate(certificate("p521.crt"));
  assert.deepEqual(
    [subject, issuer, names, serialNumber],
    ["CN=p521", "CN=ca", ["localhost", "127.0.0.1", "::1"], expected.serialNumber],
  );
  assert.deepEqual([validFrom, validTo], [new Date(expected.validFrom), new Date(expected.validTo)]);
  const line = `TLS reloaded: CN=p521, serial number ${serialNumber}, valid to ${validTo.toISOString()}`;
  assert.equal(lines.at(-1), line);
});

// contract: TR-manual
test("reloadTLS() with options replaces those that were given", { timeout: 20_000 }, async (t) => {
  const { server, port, errors } = await served(t, identity("server"));
  await server.reloadTLS(identity("rsa"));
  assert.equal(await servedSerial(t, port), serialOf("rsa"));
  await server.reloadTLS();
  assert.equal(await servedSerial(t, port), serialOf("rsa"), "a reload without options keeps them");
  const next = directoryOf(t, "ed25519");
  await server.reloadTLS({ dirPath: next });
  assert.equal(await servedSerial(t, port), serialOf("ed25519"));
  put(next, "p521");
  await eventually(async () => (await servedSerial(t, port)) === serialOf("p521"), "its files are watched");
  await server.reloadTLS(async () => identity("server"));
  put(next, "rsa");
  await sleep(LONG_ENOUGH_MS);
  assert.equal(await servedSerial(t, port), serialOf("server"), "files that are not in use any more are not watched");
  assert.deepEqual(errors, []);
});

// contract: TR-function
test("a function as tls is called by start(), and again by each reloadTLS()", { timeout: 20_000 }, async (t) => {
  const names = ["server", "p521", "rsa"];
  const next = async () => identity(names.shift() ?? "none");
  const { server, port } = await served(t, next);
  assert.equal(await servedSerial(t, port), serialOf("server"));
  // The second one waits for the first.
  await Promise.all([server.reloadTLS(), server.reloadTLS()]);
  assert.equal(await servedSerial(t, port), serialOf("rsa"));
  await assert.rejects(server.reloadTLS(), { code: "ENOENT" });
  assert.equal(await servedSerial(t, port), serialOf("rsa"));
});

test("what a function as tls does wrong rejects start()", { timeout: 10_000 }, async () => {
  const start = (tls: unknown) => createServer({ services: [], port: 0, tls: tls as TLSSource }).start();
  const wrong = "createServer: tls() must return options of TLS, not undefined";
  await assert.rejects(
    start(() => {}),
    { name: "TypeError", message: wrong },
  );
  await assert.rejects(
    start(() => ({ certpath: "a" })),
    { message: 'createServer: there is no option "tls.certpath". Did you mean "tls.certPath"?' },
  );
  const failure = new Error("the vault is closed");
  await assert.rejects(
    start(() => Promise.reject(failure)),
    failure,
  );
  const listeners = [{ port: 0, tls: () => null as never }];
  await assert.rejects(createServer({ services: [], listeners }).start(), {
    message: "createServer: listeners[0].tls() must return options of TLS, not null",
  });
});

// contract: TR-bad
test("a reload by hand that fails keeps what is in use, and says what is wrong", { timeout: 20_000 }, async (t) => {
  const { server, port, errors, lines } = await served(t, identity("server"));
  const wrong: [TLSOptions, { message: RegExp; code?: string }][] = [
    [
      { ...identity("server"), key: certificate("rsa.key") },
      { message: /does not belong/, code: "ERR_TLS_KEY_MISMATCH" },
    ],
    [
      { certPath: "/nowhere/a", keyPath: "/nowhere/b" },
      { message: /nowhere/, code: "ENOENT" },
    ],
    [{ cert: "" } as TLSOptions, { message: /tls\.key is missing/ }],
  ];
  for (const [tls, error] of wrong) await assert.rejects(server.reloadTLS(tls), error);
  assert.equal(await servedSerial(t, port), serialOf("server"));
  assert.deepEqual(
    errors.map(({ listener, code }) => [listener, code]),
    [
      [0, "ERR_TLS_KEY_MISMATCH"],
      [0, "ENOENT"],
      [0, undefined],
    ],
  );
  assert.equal(lines.filter((line) => line.startsWith("TLS reload failed, what was in use stays in use: ")).length, 3);
});

// contract: TR-manual
test("reloadTLS() rejects what cannot be meant", { timeout: 20_000 }, async (t) => {
  const idle = createServer({ services: [], port: 0, tls: identity("server") });
  await assert.rejects(idle.reloadTLS(), {
    message: 'Cannot reload TLS: current state is "created", expected "running"',
  });
  const plain = await serveEcho(t, echo);
  await assert.rejects(plain.server.reloadTLS(), {
    name: "TypeError",
    message: "server.reloadTLS: no listener has TLS",
  });
  const host = "127.0.0.1";
  const tls = identity("server");
  const listeners = [
    { port: 0, host },
    { port: 0, host, tls },
    { port: 0, host, tls },
  ];
  const several = createServer({ services: [], listeners, logger: { ...console, info() {} } });
  await several.start();
  t.after(() => several.stop());
  const rows: [Parameters<Server["reloadTLS"]>, string][] = [
    [[tls], "TypeError: server.reloadTLS: 2 listeners have TLS: say which is to have these, one of 1, 2"],
    [[tls, 0], "TypeError: server.reloadTLS: listener 0 has no TLS"],
    [[tls, 3], "RangeError: server.reloadTLS: listener must be an integer from 0 to 2, not 3"],
    [[null as never, 1], "TypeError: server.reloadTLS: tls must be options of TLS or a function, not null"],
    [
      [{ certpath: "a" } as TLSOptions, 1],
      'TypeError: createServer: there is no option "listeners[1].tls.certpath". Did you mean "listeners[1].tls.certPath"?',
    ],
  ];
  for (const [given, message] of rows) {
    await assert.rejects(several.reloadTLS(...given), (error) => String(error) === message, message);
  }
});

// contract: TR-listeners
test("each of several listeners has its own certificates and files", { timeout: 20_000 }, async (t) => {
  const [first, second] = [directoryOf(t, "server"), directoryOf(t, "p521")];
  const host = "127.0.0.1";
  const { server, reloads } = await served(t, undefined as never, {
    port: undefined,
    host: undefined,
    tls: undefined,
    listeners: [
      { port: 0, host, tls: { dirPath: first } },
      { port: 0, host },
      { port: 0, host, tls: { dirPath: second } },
    ],
  });
  const ports = server.addresses.map((address) => (typeof address === "string" ? 0 : address.port)) as number[];
  const serials = () => Promise.all([ports[0], ports[2]].map((port) => servedSerial(t, port as number)));
  assert.deepEqual(await serials(), [serialOf("server"), serialOf("p521")]);
  put(second, "rsa");
  await eventually(() => reloads.length > 0, "a reload");
  assert.deepEqual(await serials(), [serialOf("server"), serialOf("rsa")]);
  assert.deepEqual(
    reloads.map(({ listener, certificates }) => [listener, certificates.map(({ subject }) => subject)]),
    [[2, ["CN=rsa"]]],
  );
  await server.reloadTLS(identity("ed25519"), 0);
  assert.deepEqual(await serials(), [serialOf("ed25519"), serialOf("rsa")]);
  assert.deepEqual(
    server.certificates.map(({ listener, subject }) => [listener, subject]),
    [
      [0, "CN=ed25519"],
      [2, "CN=rsa"],
    ],
  );
});

/** The ways in which files are replaced, from `server` to `p521`. */
const replacements: Record<string, (t: TestContext) => { tls: TLSOptions; replace: () => void | Promise<void> }> = {
  "renamed into place": (t) => {
    const dirPath = directoryOf(t, "server");
    return { tls: { dirPath }, replace: () => put(dirPath, "p521") };
  },
  "written in place, the key later than the certificate": (t) => {
    const dirPath = directoryOf(t, "server");
    const replace = async () => {
      writeFileSync(join(dirPath, "server.crt"), certificate("p521.crt").slice(0, 100));
      await sleep(50);
      writeFileSync(join(dirPath, "server.crt"), certificate("p521.crt"));
      await sleep(50);
      writeFileSync(join(dirPath, "server.key"), certificate("p521.key"));
    };
    return { tls: { dirPath }, replace };
  },
  "swapped by Kubernetes, with one symbolic link": (t) => {
    const volume = directoryOf(t, "server");
    const version = (name: string, source: string) => {
      mkdirSync(join(volume, name));
      copyFileSync(certificatePath(`${source}.crt`), join(volume, name, "tls.crt"));
      copyFileSync(certificatePath(`${source}.key`), join(volume, name, "tls.key"));
    };
    version("..2026_01", "server");
    symlinkSync("..2026_01", join(volume, "..data"));
    for (const file of ["tls.crt", "tls.key"]) symlinkSync(`..data/${file}`, join(volume, file));
    const replace = () => {
      version("..2026_02", "p521");
      symlinkSync("..2026_02", join(volume, "..data_tmp"));
      renameSync(join(volume, "..data_tmp"), join(volume, "..data"));
      rmSync(join(volume, "..2026_01"), { recursive: true });
    };
    return { tls: { certPath: join(volume, "tls.crt"), keyPath: join(volume, "tls.key") }, replace };
  },
  "behind a symbolic link from another directory, as certbot has them": (t) => {
    const [live, archive] = [directoryOf(t, "server"), directoryOf(t, "server")];
    for (const file of ["server.crt", "server.key"]) {
      unlinkSync(join(live, file));
      symlinkSync(join(archive, file), join(live, file));
    }
    return { tls: { dirPath: live }, replace: () => put(archive, "p521") };
  },
  "with their whole directory": (t) => {
    const parent = directoryOf(t, "server");
    const dirPath = join(parent, "keys");
    for (const directory of [dirPath, join(parent, "next")]) mkdirSync(directory);
    put(dirPath, "server");
    put(join(parent, "next"), "p521");
    const replace = () => {
      renameSync(dirPath, join(parent, "before"));
      renameSync(join(parent, "next"), dirPath);
    };
    return { tls: { dirPath }, replace };
  },
  "deleted, and written anew": (t) => {
    const dirPath = directoryOf(t, "server");
    const replace = async () => {
      for (const file of ["server.crt", "server.key"]) unlinkSync(join(dirPath, file));
      await sleep(20);
      put(dirPath, "p521");
    };
    return { tls: { dirPath }, replace };
  },
};

for (const [how, make] of Object.entries(replacements)) {
  // contract: TR-watch
  test(`files are taken that were ${how}`, { timeout: 20_000 }, async (t) => {
    const { tls, replace } = make(t);
    const { port, reloads, errors } = await served(t, tls);
    assert.equal(await servedSerial(t, port), serialOf("server"));
    await replace();
    await eventually(() => reloads.length > 0, "the event");
    assert.equal(await servedSerial(t, port), serialOf("p521"));
    await sleep(LONG_ENOUGH_MS);
    assert.deepEqual([reloads.length, errors], [1, []], "once, and without an error");
  });
}

/** Files that cannot be used, each with the code and the text of the error. */
const faults: Record<string, [(directory: string) => void, string, RegExp]> = {
  "a key of another certificate": [
    (directory) => put(directory, "p521", "rsa"),
    "ERR_TLS_KEY_MISMATCH",
    /server\.key: the private key does not belong to the first certificate of .*server\.crt$/,
  ],
  "half a certificate": [
    (directory) => writeFileSync(join(directory, "server.crt"), certificate("p521.crt").slice(0, 200)),
    "ERR_TLS_INVALID_PEM",
    /server\.crt: is cut off/,
  ],
  "an expired certificate": [
    (directory) => copyFileSync(certificatePath("expired.crt"), join(directory, "server.crt")),
    "CERT_HAS_EXPIRED",
    /server\.crt: certificate 1 \(CN=expired\) expired at /,
  ],
  "a missing key": [
    (directory) => unlinkSync(join(directory, "server.key")),
    "ENOENT",
    /server\.key: cannot be read: no such file$/,
  ],
  "a directory in place of the key": [
    (directory) => {
      unlinkSync(join(directory, "server.key"));
      mkdirSync(join(directory, "server.key"));
    },
    "EIO",
    /server\.key: cannot be read: it is not a regular file$/,
  ],
};

for (const [what, [spoil, code, message]] of Object.entries(faults)) {
  // contract: TR-bad, TR-watch
  test(`the certificate in use stays, and the next good one is taken, after ${what}`, {
    timeout: 20_000,
  }, async (t) => {
    const dirPath = directoryOf(t, "server");
    const { port, reloads, errors, lines } = await served(t, { dirPath });
    spoil(dirPath);
    await eventually(() => errors.length > 0, "the error");
    assert.equal(await servedSerial(t, port), serialOf("server"));
    const [error] = errors;
    assert.ok(error instanceof Error);
    assert.deepEqual([error.code, error.listener], [code, 0]);
    assert.match(error.message, message);
    assert.equal(lines.at(-1), `TLS reload failed, what was in use stays in use: ${error.message}`);
    await sleep(LONG_ENOUGH_MS);
    assert.equal(errors.length, 1, "it is told once");
    rmSync(join(dirPath, "server.key"), { recursive: true, force: true });
    put(dirPath, "rsa");
    await eventually(() => reloads.length > 0, "the reload");
    assert.equal(await servedSerial(t, port), serialOf("rsa"));
  });
}

// contract: TR-watch
test("files that are touched, or have the same content, are no change", { timeout: 20_000 }, async (t) => {
  const dirPath = directoryOf(t, "server");
  const commented = Buffer.from(`# Größe, 大\n${certificate("server.crt")}`);
  writeFileSync(join(dirPath, "server.crt"), commented);
  const { port, reloads, errors } = await served(t, { dirPath });
  await sleep(LONG_ENOUGH_MS);
  put(dirPath, "server");
  writeFileSync(join(dirPath, "server.crt"), commented);
  writeFileSync(join(dirPath, "another file"), "a");
  await sleep(LONG_ENOUGH_MS);
  assert.deepEqual([reloads, errors], [[], []]);
  assert.equal(await servedSerial(t, port), serialOf("server"));
});

// contract: TR-watch
test("files are read while JavaScript is busy", { timeout: 20_000 }, async (t) => {
  const dirPath = directoryOf(t, "server");
  const { port, reloads } = await served(t, { dirPath });
  put(dirPath, "p521");
  // No turn of the event loop passes from here on.
  const until = Date.now() + 5_000;
  let shown = "";
  while (!shown.includes("CN = p521") && !shown.includes("CN=p521") && Date.now() < until) {
    const client = ["s_client", "-connect", `127.0.0.1:${port}`, "-alpn", "h2"];
    shown = execFileSync("openssl", client, { input: "", stdio: ["pipe", "pipe", "ignore"] }).toString();
  }
  assert.match(shown, /CN ?= ?p521/);
  assert.deepEqual(reloads, []);
  await eventually(() => reloads.length === 1, "the event comes when JavaScript has time");
});

/** The status of a request on a connection of its own. */
async function statusOfNewConnection(port: number): Promise<unknown> {
  const session = connectHttp2(`https://localhost:${port}`, { ca });
  try {
    const stream = session.request({ ":path": "/nothing" }).resume();
    const [{ ":status": status }] = await Promise.race([
      once(stream, "response"),
      once(session, "error").then(([error]) => Promise.reject(error)),
    ]);
    return status;
  } finally {
    session.destroy();
  }
}

// contract: TR-load
test("ten rotations under load: no handshake fails, and each certificate is served within a second", {
  timeout: 60_000,
}, async (t) => {
  const dirPath = directoryOf(t, "server");
  const { port, errors } = await served(t, { dirPath });
  const failures: unknown[] = [];
  const ended = new AbortController();
  let connections = 0;
  const load = async () => {
    while (!ended.signal.aborted) {
      try {
        assert.equal(await statusOfNewConnection(port), 404);
        connections += 1;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const loads = [load(), load(), load()];
  const names = ["p521", "rsa", "ed25519", "chained", "server"];
  for (let rotation = 0; rotation < 10; rotation += 1) {
    const name = names[rotation % names.length] as string;
    if (rotation === 5) {
      put(dirPath, "rsa", "p521");
      await eventually(() => errors.length === 1, "the bad pair is told");
    }
    put(dirPath, name);
    const begin = performance.now();
    await eventually(async () => (await servedSerial(t, port)) === serialOf(name), `${name} is served`);
    const took = performance.now() - begin;
    assert.ok(took < 1_000, `${name} was served after ${took} ms`);
  }
  ended.abort();
  await Promise.all(loads);
  assert.deepEqual([failures, errors.length], [[], 1]);
  assert.ok(connections > 50, `${connections} connections`);
});

/** Whether a second connection resumes the session of the first, after something happened between the two. */
async function resumes(t: TestContext, port: number, between: () => Promise<void>): Promise<boolean> {
  const options = { ...identity("client"), ALPNProtocols: ["h2"] };
  const first = await shakeHands(t, port, options);
  first.resume();
  const [session] = (await once(first, "session")) as [Buffer];
  first.destroy();
  await between();
  const second = await shakeHands(t, port, { ...options, session });
  const isResumed = second.isSessionReused();
  second.destroy();
  return isResumed;
}

// contract: TR-tickets
test("sessions are resumed past a new certificate, not past new authorities", { timeout: 20_000 }, async (t) => {
  const { server, port } = await served(t, { ...identity("server"), ca });
  assert.equal(await resumes(t, port, async () => {}), true);
  assert.equal(await resumes(t, port, () => server.reloadTLS({ ...identity("p521"), ca })), true);
  const more = `${ca}\n${certificate("intermediate.crt")}`;
  assert.equal(await resumes(t, port, () => server.reloadTLS({ ...identity("p521"), ca: more })), false);
  const requested = { ...identity("p521"), ca: more, clientAuth: "request" } as const;
  assert.equal(await resumes(t, port, () => server.reloadTLS(requested)), false, "other demands on clients");
});

// contract: TR-tickets
test("the files of authorities are watched, one or several", { timeout: 20_000 }, async (t) => {
  const dirPath = directoryOf(t, "server");
  const trusted = join(dirPath, "trusted.crt");
  copyFileSync(certificatePath("stranger.crt"), trusted);
  const { port, reloads } = await served(t, { dirPath, ca: [certificatePath("intermediate.crt"), trusted] });
  const isServed = async () => {
    const socket = await shakeHands(t, port, { ...identity("client"), maxVersion: "TLSv1.2" }).catch(() => undefined);
    return socket !== undefined;
  };
  assert.equal(await isServed(), false);
  copyFileSync(certificatePath("ca.crt"), trusted);
  await eventually(() => reloads.length > 0, "the reload");
  assert.equal(await isServed(), true);
});

test("a listener of tlsReload that throws is logged, and disturbs nothing", { timeout: 20_000 }, async (t) => {
  const { server, port, lines } = await served(t, identity("server"));
  server.on("tlsReload", () => {
    throw new Error("of a listener");
  });
  await server.reloadTLS(identity("rsa"));
  assert.equal(await servedSerial(t, port), serialOf("rsa"));
  assert.equal(lines.at(-1), "a listener of the server's tlsReload event failed");
});

// contract: TR-end
test("nothing is told after stop(), and there are no certificates any more", { timeout: 20_000 }, async (t) => {
  const dirPath = directoryOf(t, "server");
  const { server, reloads, errors } = await served(t, { dirPath });
  put(dirPath, "p521");
  await server.stop();
  put(dirPath, "rsa", "p521");
  await sleep(LONG_ENOUGH_MS);
  assert.deepEqual([reloads, errors, server.certificates], [[], [], []]);
  await assert.rejects(server.reloadTLS(), { message: /current state is "stopped"/ });
});

// contract: TR-bad
test("of several certificates those are taken that can be used, whatever becomes of the others", {
  timeout: 20_000,
}, async (t) => {
  const [good, bad] = [directoryOf(t, "server"), directoryOf(t, "other")];
  const files = (directory: string) => ({ cert: join(directory, "server.crt"), key: join(directory, "server.key") });
  const names = ["subjectAltName=DNS:api.test"];
  const expired = datedCertificate(t, { from: -3600, to: -60, name: "expired", extensions: names });
  const authority = join(directoryOf(t, "server"), "ca.crt");
  copyFileSync(certificatePath("ca.crt"), authority);
  const tls: TLSOptions = { ...files(good), certificates: [files(bad)], ca: authority, clientAuth: "request" };
  const { port, reloads, errors } = await served(t, tls);
  const other = { servername: "api.test", checkServerIdentity: () => undefined };
  const spoiled: [() => void, string][] = [
    [
      () => {
        for (const file of ["server.crt", "server.key"]) copyFileSync(join(expired.directory, file), join(bad, file));
      },
      "CERT_HAS_EXPIRED",
    ],
    [() => copyFileSync(certificatePath("rsa.crt"), join(bad, "server.crt")), "ERR_TLS_KEY_MISMATCH"],
    [() => unlinkSync(join(bad, "server.crt")), "ENOENT"],
    [() => writeFileSync(authority, "nothing"), "ERR_TLS_INVALID_PEM"],
  ];
  let expected = "server";
  for (const [spoil, code] of spoiled) {
    const [told, failed] = [reloads.length, errors.length];
    spoil();
    expected = expected === "server" ? "p521" : "server";
    put(good, expected);
    await eventually(() => reloads.length > told && errors.length > failed, `both are told: ${code}`);
    assert.ok(
      errors.slice(failed).some((error) => error.code === code),
      code,
    );
    assert.equal(await servedSerial(t, port), serialOf(expected), `the good one, beside ${code}`);
    assert.equal(await servedSerial(t, port, other), serialOf("other"), `what was in use, beside ${code}`);
  }
  put(bad, "other");
  copyFileSync(certificatePath("ca.crt"), authority);
  const failed = errors.length;
  put(good, "rsa");
  await eventually(async () => (await servedSerial(t, port)) === serialOf("rsa"), "everything is good again");
  await sleep(LONG_ENOUGH_MS);
  assert.equal(errors.length, failed);
});

// contract: TR-bad
test("what is told of a file is told once, while another one is missing", { timeout: 20_000 }, async (t) => {
  const [one, two] = [directoryOf(t, "server"), directoryOf(t, "other")];
  const files = (directory: string) => ({ cert: join(directory, "server.crt"), key: join(directory, "server.key") });
  const { errors, reloads } = await served(t, { ...files(one), certificates: [files(two)] });
  unlinkSync(join(one, "server.crt"));
  copyFileSync(certificatePath("rsa.key"), join(two, "server.key"));
  await eventually(() => errors.length > 1, "both errors");
  await sleep(3_000);
  assert.deepEqual(errors.map(({ code }) => code).sort(), ["ENOENT", "ERR_TLS_KEY_MISMATCH"]);
  put(one, "server");
  put(two, "other");
  await eventually(() => reloads.length > 0, "it is told that all is well, though nothing is new");
});

// contract: TR-bad
test("a certificate that is not valid yet is taken when it is", { timeout: 20_000 }, async (t) => {
  const dirPath = directoryOf(t, "server");
  const { port, errors } = await served(t, { dirPath });
  const names = ["subjectAltName=DNS:localhost"];
  const soon = datedCertificate(t, { from: 3, to: 3600, name: "soon", extensions: names });
  for (const file of ["server.crt", "server.key"]) copyFileSync(join(soon.directory, file), join(dirPath, file));
  await eventually(() => errors.length > 0, "the error");
  assert.equal(await servedSerial(t, port), serialOf("server"));
  const { serialNumber } = new X509Certificate(soon.cert);
  await eventually(async () => (await servedSerial(t, port)) === serialNumber, "the new one");
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["CERT_NOT_YET_VALID"],
  );
});

// contract: TR-bad
test("a certificate that has expired, or fits no cipher suite, holds no other file up", {
  timeout: 20_000,
}, async (t) => {
  const dirPath = directoryOf(t, "server");
  const authority = join(dirPath, "ca.crt");
  const client = { ...identity("client"), maxVersion: "TLSv1.2" as const, ALPNProtocols: ["h2"] };
  const isServed = (port: number) =>
    shakeHands(t, port, { ...client, rejectUnauthorized: false }).then(
      () => true,
      () => false,
    );
  const names = ["subjectAltName=DNS:localhost"];
  const short = datedCertificate(t, { from: -60, to: 3, name: "short", extensions: names });
  copyFileSync(certificatePath("stranger.crt"), authority);
  const expiring = await served(t, { cert: short.cert, key: short.key, ca: authority });
  assert.equal(await isServed(expiring.port), false);
  await sleep(4_000);
  copyFileSync(certificatePath("ca.crt"), authority);
  await eventually(() => isServed(expiring.port), "the new authority, with an expired certificate");
  assert.deepEqual(expiring.errors, []);

  copyFileSync(certificatePath("stranger.crt"), authority);
  put(dirPath, "rsa");
  const suites = { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } as const;
  const { port, errors } = await served(t, { dirPath, ca: authority, ...suites });
  put(dirPath, "server");
  copyFileSync(certificatePath("ca.crt"), authority);
  await eventually(() => isServed(port), "the new authority, with the old certificate");
  assert.match(errors.map(({ message }) => message).join(), /none of the cipher suites of TLS 1\.2 that are enabled/);
});
