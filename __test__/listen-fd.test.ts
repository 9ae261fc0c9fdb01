// A server on sockets that its parent process has opened: by descriptor, and as systemd passes them.
import assert from "node:assert/strict";
import { existsSync, openSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "./support/eventually.ts";
import { listen, startError } from "./support/listen.ts";
import { isOpen } from "./support/ports.ts";
import { type Program, startProgram } from "./support/program.ts";
import { getHttp1, refusalOf, socketPath } from "./support/unix-socket.ts";

/** A program that has inherited sockets. */
interface Heir {
  readonly program: Program;
  readonly pid: number;
}

/**
 * Starts `programs/listen.ts` with sockets from descriptor 3 on. It is killed at the end of the test.
 *
 * @param variables of the program; `$$` is its process id
 */
async function startHeir(t: TestContext, places: object[], variables: object, options: object[]): Promise<Heir> {
  const program = startProgram(t, "pass-sockets", [
    JSON.stringify(places),
    JSON.stringify(variables),
    fileURLToPath(new URL("programs/listen.ts", import.meta.url)),
    ...options.map((one) => JSON.stringify(one)),
  ]);
  const pid = Number((await program.line(/^child /)).split(" ")[1]);
  t.after(() => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
  return { program, pid };
}

/** What each of the program's servers came to, and the variables that are left. */
async function outcomes({ program }: Heir): Promise<{ servers: string[]; variables: string[] }> {
  const variables = JSON.parse((await program.line(/^variables /)).slice("variables ".length)) as string[];
  return { servers: program.lines.filter((line) => /^(listening|failed) /.test(line)), variables };
}

function addressesOf(outcome: string | undefined): (AddressInfo | string)[] {
  assert.match(outcome ?? "", /^listening /);
  return JSON.parse((outcome ?? "").slice("listening ".length)) as (AddressInfo | string)[];
}

/** The process that responds on a port. */
async function respondent(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/connectum.test.v1.EchoService/Echo`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: "{}",
  });
  return ((await response.json()) as { index: number }).index;
}

// contract: LI-fd, LI-addresses
test("a server listens on an inherited TCP socket, which is closed in its children, and when it stops", {
  timeout: 30_000,
}, async (t) => {
  const heir = await startHeir(t, [{ port: 0 }], {}, [{ fd: 3 }]);
  const [address] = addressesOf((await outcomes(heir)).servers[0]);
  assert.ok(typeof address === "object");
  const { port } = address;
  assert.deepEqual(address, { address: "127.0.0.1", family: "IPv4", port });
  assert.equal(await respondent(port), heir.pid);
  if (process.platform === "linux") {
    const flags = Number.parseInt(
      /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${heir.pid}/fdinfo/3`, "utf8"))?.[1] ?? "",
      8,
    );
    assert.equal(flags & 0o2000000, 0o2000000, "close-on-exec");
    assert.equal(flags & 0o4000, 0o4000, "non-blocking");
  }
  process.kill(heir.pid, "SIGTERM");
  await heir.program.exited;
  assert.equal(await isOpen(port), false);
});

// contract: LI-fd
test("the file of an inherited Unix socket is not removed", { timeout: 30_000 }, async (t) => {
  const path = socketPath(t);
  const heir = await startHeir(t, [{ path }], {}, [{ fd: 3 }]);
  assert.deepEqual(addressesOf((await outcomes(heir)).servers[0]), [path]);
  assert.equal((await getHttp1(path)).status, 404);
  process.kill(heir.pid, "SIGTERM");
  await heir.program.exited;
  assert.deepEqual([existsSync(path), await refusalOf(path)], [true, "ECONNREFUSED"]);
});

// contract: LI-fd
test("a descriptor serves one server of a process", { timeout: 30_000 }, async (t) => {
  const heir = await startHeir(t, [{ port: 0 }], {}, [{ fd: 3 }, { listeners: [{ port: 0 }, { fd: 3 }] }]);
  const { servers } = await outcomes(heir);
  const [address] = addressesOf(servers[0]);
  assert.deepEqual(JSON.parse(servers[1]?.slice("failed ".length) ?? ""), {
    name: "Error",
    message:
      "createServer: listeners[1].fd must be a listening TCP or Unix socket: 3 is used by a listener of this process already",
    code: "EADDRINUSE",
    fd: 3,
  });
  assert.equal(await respondent((address as AddressInfo).port), heir.pid, "the first one still serves");
});

// contract: LI-fd
test("a descriptor that is no listening socket is an error, and left alone", { timeout: 10_000 }, async (t) => {
  const file = openSync(fileURLToPath(import.meta.url), "r");
  const directory = openSync(fileURLToPath(new URL(".", import.meta.url)), "r");
  const right = "createServer: fd must be a listening TCP or Unix socket";
  for (const [fd, code, what] of [
    [file, "ENOTSOCK", "a file"],
    [directory, "ENOTSOCK", "a directory"],
    [1_000_000, "EBADF", "not open"],
  ] as const) {
    const { message, code: given, syscall, ...rest } = await startError({ fd });
    assert.deepEqual([message, given, syscall], [`${right}: ${fd} is ${what}`, code, "listen"]);
    assert.equal(Reflect.get(rest, "fd"), fd);
  }
  assert.ok(readFileSync(file, "utf8").length > 0, "it is still open");
  const { server } = await listen(t, { port: 0, host: "127.0.0.1" });
  assert.ok(server.isRunning);
});

// contract: LI-systemd, LI-line
test("the host systemd is every socket that was passed; the variables are used up", {
  timeout: 30_000,
}, async (t) => {
  const path = socketPath(t);
  const variables = { LISTEN_PID: "$$", LISTEN_FDS: "2", LISTEN_FDNAMES: "web:local" };
  const host = { host: "systemd" };
  const heir = await startHeir(t, [{ port: 0 }, { path }], variables, [host, host]);
  const { servers, variables: left } = await outcomes(heir);
  const [address, second] = addressesOf(servers[0]);
  assert.ok(typeof address === "object");
  assert.equal(second, path);
  assert.equal(await respondent(address.port), heir.pid);
  assert.equal((await getHttp1(path)).status, 404);
  for (const place of [`127.0.0.1:${address.port}`, `unix:${path}`]) {
    assert.ok(heir.program.lines.includes(`Server listening ${place}`), place);
  }
  assert.deepEqual(
    [left, JSON.parse(servers[1]?.slice("failed ".length) ?? "")],
    [
      [],
      {
        name: "EnvVarError",
        message:
          'env-var: "LISTEN_PID" is not set, which the host "systemd" needs: no socket unit has passed sockets to this ' +
          "process, or another server of it has taken them",
      },
    ],
  );
  process.kill(heir.pid, "SIGTERM");
  await heir.program.exited;
  await eventually(async () => !(await isOpen(address.port)), "the port is closed");
  assert.equal(existsSync(path), true, "systemd's");
});

// contract: LI-systemd
test("the sockets are left for the next start when another listener fails", { timeout: 30_000 }, async (t) => {
  const { server } = await listen(t, { port: 0, host: "127.0.0.1" });
  const port = server.address?.port;
  const variables = { LISTEN_PID: "$$", LISTEN_FDS: "1" };
  const listeners = [{ host: "systemd" }, { port, host: "127.0.0.1" }];
  const heir = await startHeir(t, [{ port: 0 }], variables, [{ listeners }, { host: "systemd" }]);
  const { servers, variables: left } = await outcomes(heir);
  assert.match(servers[0] ?? "", /^failed .*EADDRINUSE/);
  const [address] = addressesOf(servers[1]) as AddressInfo[];
  assert.equal(await respondent(address?.port ?? 0), heir.pid);
  assert.deepEqual(left, []);
});

// contract: LI-fd
test("inherited sockets are given back when another one cannot be used", { timeout: 30_000 }, async (t) => {
  const listeners = [{ fd: 3 }, { fd: 4 }];
  const heir = await startHeir(t, [{ port: 0 }, { file: "/dev/null" }], {}, [{ listeners }, { fd: 3 }]);
  const { servers } = await outcomes(heir);
  assert.match(servers[0] ?? "", /^failed .*4 is /);
  const [address] = addressesOf(servers[1]) as AddressInfo[];
  assert.equal(await respondent(address?.port ?? 0), heir.pid);
});

// contract: LI-systemd
test("LISTEN=systemd does the same, and one listener may be several sockets among others", {
  timeout: 30_000,
}, async (t) => {
  const passed = { LISTEN_PID: "$$", LISTEN_FDS: "2" };
  const places = [{ port: 0 }, { port: 0 }];
  const byVariable = await startHeir(t, places, { ...passed, LISTEN: "systemd" }, [{ port: 5000 }]);
  assert.equal(addressesOf((await outcomes(byVariable)).servers[0]).length, 2);
  const options = {
    listeners: [
      { port: 0, host: "127.0.0.1" },
      { host: "systemd", allowHTTP1: false },
    ],
  };
  const among = await startHeir(t, places, passed, [options]);
  const addresses = addressesOf((await outcomes(among)).servers[0]) as AddressInfo[];
  assert.equal(addresses.length, 3);
  assert.equal(await respondent(addresses[0]?.port ?? 0), among.pid);
  for (const { port } of addresses.slice(1)) {
    assert.equal((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status, 505, "HTTP/2 only");
  }
});

// contract: LI-systemd
test("sockets for another process, and wrong numbers of them, are errors that name the variable", {
  timeout: 60_000,
}, async (t) => {
  const needs = 'is not set, which the host "systemd" needs';
  for (const [variables, complaint] of [
    [{ LISTEN_FDS: "1" }, `"LISTEN_PID" ${needs}`],
    [{ LISTEN_PID: "$$" }, `"LISTEN_FDS" ${needs}`],
    [{ LISTEN_PID: "1", LISTEN_FDS: "1" }, `"LISTEN_PID" should be PID, the id of this process, not "1"`],
    [
      { LISTEN_PID: "$$", LISTEN_FDS: "none" },
      '"LISTEN_FDS" should be the number of sockets that were passed, not "none"',
    ],
    [{ LISTEN_PID: "$$", LISTEN_FDS: "0" }, '"LISTEN_FDS" should be the number of sockets that were passed, not "0"'],
  ] as const) {
    const heir = await startHeir(t, [{ port: 0 }], variables, [{ host: "systemd" }]);
    const { servers, variables: left } = await outcomes(heir);
    assert.ok(servers[0]?.includes(JSON.stringify(complaint.replace("PID,", `${heir.pid},`)).slice(1, -1)), servers[0]);
    assert.deepEqual(left.sort(), Object.keys(variables).sort(), "nothing was taken");
  }
});

// contract: LI-systemd
test("a descriptor among them that is no socket is an error that names it", { timeout: 30_000 }, async (t) => {
  const file = fileURLToPath(import.meta.url);
  const variables = { LISTEN_PID: "$$", LISTEN_FDS: "2" };
  const heir = await startHeir(t, [{ port: 0 }, { file }], variables, [{ host: "systemd" }]);
  const { servers } = await outcomes(heir);
  const text = "createServer: each descriptor from systemd must be a listening TCP or Unix socket: 4 is a file";
  assert.ok(servers[0]?.includes(`"message":${JSON.stringify(text)},"code":"ENOTSOCK","fd":4`), servers[0]);
});
