// `connectum proto sync`: TypeScript from a running server, and what is told when that cannot be.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { executeProtoSync, protoSyncCommand } from "@connectum/cli/commands/proto-sync";
import { fetchFileDescriptorSetBinary, fetchReflectionData } from "@connectum/cli/utils/reflection";
import type { CreateServerOptions } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { Reflection } from "@connectum/reflection";
import { certificatePath, identity } from "./support/certificates.ts";
import { serveEcho } from "./support/serve-echo.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "packages/cli/bin/connectum");
const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
const TIMEOUT = { timeout: 60_000 };

/** Runs the command line to its end. */
function connectum(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"], ...options });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text) => {
      output[name] += text;
    });
  }
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, ...output }));
  });
}

/** The address of a server with reflection and health. */
async function reflecting(t: TestContext, options: Partial<CreateServerOptions> = {}): Promise<string> {
  const { port } = await serveEcho(t, {}, { protocols: [Reflection(), Healthcheck()], ...options });
  return `127.0.0.1:${port}`;
}

/** The port on which a server of Node's listens, until the test ends. */
async function portOf(t: TestContext, server: NetServer): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function folderOf(t: TestContext, prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A `buf.gen.yaml` that writes TypeScript into `gen`. */
function template(folder: string): void {
  const es = join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es");
  const plugin = { local: [process.execPath, es], out: "gen", opt: ["target=ts"] };
  writeFileSync(join(folder, "buf.gen.yaml"), JSON.stringify({ version: "v2", plugins: [plugin] }));
}

const SERVICES = [
  "connectum.test.v1.EchoService",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "grpc.health.v1.Health",
];
const FILES = [
  "connectum/test/v1/echo",
  "grpc/reflection/v1/reflection",
  "grpc/reflection/v1alpha/reflection",
  "grpc/health/v1/health",
];

// contract: CLI-1, CLI-2, CLI-3, CLI-4
test("version, help, and what is missing", TIMEOUT, async () => {
  assert.deepEqual(await connectum(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  const root = "CLI tools for Connectum gRPC/ConnectRPC framework";
  const sync = "Sync proto types from a running Connectum server via gRPC Reflection";
  for (const [args, description, usage] of [
    [["--help"], root, "connectum proto"],
    [["proto", "--help"], "Proto management commands", "connectum proto sync"],
    [["proto", "sync", "--help"], sync, "connectum proto sync [OPTIONS] --from=<from>"],
  ] as const) {
    const { code, stdout, stderr } = await connectum(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.startsWith(description) && stdout.includes(`USAGE ${usage}`), stdout);
    assert.equal(stdout.includes("\u001b"), false, "no colours, as it is no terminal");
  }
  for (const [args, description, error] of [
    [[], root, "No command specified."],
    [["proto"], "Proto management commands", "No command specified."],
    [["nonsense"], root, "Unknown command nonsense"],
    [["proto", "sync"], sync, "Missing required argument: --from"],
    [["proto", "sync", "--from", "a:1"], sync, "Missing required argument: --out"],
  ] as const) {
    const { code, stdout, stderr } = await connectum(args);
    assert.deepEqual([code, stderr], [1, `${error}\n`]);
    assert.ok(stdout.startsWith(description), stdout);
  }
});

// contract: CLI-5, SYNC-1, SYNC-2
test("a dry run says what there is, and writes nothing", TIMEOUT, async (t) => {
  const address = await reflecting(t);
  const cwd = folderOf(t, "connectum-sync-");
  const list = (names: readonly string[]) => names.map((name) => `  - ${name}\n`).join("");
  const expected = (url: string) =>
    `Connecting to ${url}...\nConnected to ${url}\n\nServices:\n${list(SERVICES)}\nFiles:\n${list(FILES)}`;
  // Without a PATH there is no buf.
  const env = { PATH: "" };
  for (const args of [
    ["--from", address, "--out", "gen", "--dry-run"],
    [`--from=http://${address}`, "--out=gen", "--dryRun", "--unknown", "flag"],
  ]) {
    const { code, stdout, stderr } = await connectum(["proto", "sync", ...args], { cwd, env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, `${expected(`http://${address}`)}\nWould generate to: gen\n`);
  }
  const without = await connectum(["proto", "sync", "--from", address, "--dry-run"], { cwd });
  assert.equal(without.stdout, expected(`http://${address}`));
  assert.deepEqual(readdirSync(cwd), []);
});

// contract: SYNC-3, SYNC-4, SYNC-5, SYNC-6, SYNC-8
test("buf generates what the server has, below the output directory", TIMEOUT, async (t) => {
  const address = await reflecting(t);
  const cwd = folderOf(t, "connectum-sync-");
  const temporary = folderOf(t, "connectum-tmp-");
  template(cwd);
  const out = "a b; touch c";
  // buf is found without a PATH. It keeps a cache.
  const env = { PATH: "", TMPDIR: temporary, XDG_CACHE_HOME: folderOf(t, "connectum-cache-") };
  const { code, stdout, stderr } = await connectum(["proto", "sync", "--from", address, "--out", out], { cwd, env });
  assert.equal(code, 0, stderr);
  const lines = stdout.split("\n");
  assert.equal(lines[0], `Connecting to http://${address}...`);
  assert.match(lines[1] ?? "", /^Fetched \d{3,5} bytes of descriptors$/);
  assert.match(
    lines[2] ?? "",
    /^Running: buf generate \S+connectum-proto-sync-\w+.descriptors\.binpb --output a b; touch c$/,
  );
  assert.equal(lines[3], `Proto types synced to ${out}`);
  assert.deepEqual(readdirSync(cwd).sort(), [out, "buf.gen.yaml"].sort());
  for (const file of FILES) assert.ok(existsSync(join(cwd, out, "gen", `${file}_pb.ts`)), file);
  assert.deepEqual(readdirSync(temporary), []);
});

// contract: SYNC-7, SYNC-6
test("buf that fails is a failure of its own, and leaves nothing behind", TIMEOUT, async (t) => {
  const address = await reflecting(t);
  const cwd = folderOf(t, "connectum-sync-");
  const env = { ...process.env, TMPDIR: folderOf(t, "connectum-tmp-") };
  const args = ["proto", "sync", "--from", address, "--out", ".", "--template", "nowhere.yaml"];
  const { code, stderr } = await connectum(args, { cwd, env });
  assert.equal(code, 7);
  assert.match(stderr, /nowhere\.yaml.*\nerror: buf generate failed \(1\); it has said why above\n$/s);
  assert.deepEqual([readdirSync(cwd), readdirSync(env.TMPDIR)], [[], []]);
});

// contract: SYNC-filter
test(
  "services are chosen by name, with the files that they need, and without those of google if that is wanted",
  TIMEOUT,
  async (t) => {
    const address = await reflecting(t);
    const sync = (...args: string[]) => connectum(["proto", "sync", "--from", address, "--dry-run", "--json", ...args]);
    const { stdout } = await sync("--services", "connectum.*, grpc.health.v1.Health", "--out", "x");
    assert.deepEqual(JSON.parse(stdout), {
      url: `http://${address}`,
      services: ["connectum.test.v1.EchoService", "grpc.health.v1.Health"],
      files: ["connectum/test/v1/echo", "grpc/health/v1/health"],
      out: "x",
    });
    const absent = await sync("--services", "connectum.*,nope.*");
    assert.equal(absent.code, 1);
    assert.equal(absent.stderr, `error: http://${address} has no service "nope.*"; it has ${SERVICES.join(", ")}\n`);
  },
);

// contract: CLI-6, SYNC-exit
test("each reason why a server cannot be asked has its line and its exit code", TIMEOUT, async (t) => {
  // Its errors are those of clients that give up.
  const silent = await portOf(
    t,
    createTcpServer((socket) => void socket.on("error", () => {})),
  );
  const old = await portOf(
    t,
    createHttpServer((_, response) => response.end("hello")),
  );
  const bare = await serveEcho(t, {});
  const secret = await serveEcho(
    t,
    {},
    {
      protocols: [Reflection()],
      interceptors: [
        (next) => (request) => {
          if (request.header.get("authorization") !== "Bearer a=b")
            throw new ConnectError("who are you?", Code.Unauthenticated);
          return next(request);
        },
      ],
    },
  );
  const tls = await serveEcho(t, {}, { protocols: [Reflection()], tls: identity("server") });
  const local = (port: number) => `127.0.0.1:${port}`;
  const rows: [args: string[], code: number, line: string][] = [
    [[local(1)], 3, "http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1"],
    [
      ["httpbin.invalid:5000"],
      3,
      "http://httpbin.invalid:5000 cannot be reached: getaddrinfo ENOTFOUND httpbin.invalid",
    ],
    [[local(silent), "--timeout", "0.5"], 3, `http://${local(silent)} did not answer within 0.5 s`],
    [[local(old)], 4, `http://${local(old)} answers HTTP/1.1, and no HTTP/2 without TLS, which reflection needs`],
    [
      [local(bare.port)],
      5,
      `http://${local(bare.port)} has no reflection: add Reflection() to the option protocols of the server`,
    ],
    [
      [`https://localhost:${tls.port}`],
      6,
      `the certificate of https://localhost:${tls.port} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE): give its authority with --ca, or use --insecure`,
    ],
    [["ftp://a:1"], 1, '"ftp://a:1" is no address of a server: give host:port, or a URL with http or https'],
    [[local(1), "--timeout", "soon"], 1, '--timeout must be a number of seconds above 0, not "soon"'],
    [[local(1), "--header", "nonsense"], 1, '--header must be name=value, not "nonsense"'],
  ];
  for (const [args, code, line] of rows) {
    const said = await connectum(["proto", "sync", "--dry-run", "--from", ...args]);
    assert.deepEqual([said.code, said.stderr], [code, `error: ${line}\n`], args.join(" "));
  }
  const header = ["--header", "x-other=1", "--header", "authorization=Bearer a=b"];
  for (const args of [
    [local(secret.port), ...header],
    [`https://localhost:${tls.port}`, "--ca", certificatePath("ca.crt")],
    [`https://localhost:${tls.port}`, "--insecure"],
  ]) {
    const { code, stderr } = await connectum(["proto", "sync", "--dry-run", "--from", ...args]);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  }
});

// contract: API-1, API-2
test("programs run it too, without a line on the console", TIMEOUT, async (t) => {
  const from = await reflecting(t);
  const lines: string[] = [];
  await executeProtoSync({ from, dryRun: true, services: ["grpc.health.*"], print: (line) => void lines.push(line) });
  assert.deepEqual(lines.slice(2, 5), ["", "Services:", "  - grpc.health.v1.Health"]);
  await assert.rejects(executeProtoSync({ from }), { name: "CliError", message: /^proto sync: out is missing/ });
  await assert.rejects(executeProtoSync({ from: "127.0.0.1:1", dryRun: true, print() {} }), { exitCode: 3 });
  const { meta, args } = protoSyncCommand;
  assert.equal((meta as { name?: string }).name, "sync");
  assert.deepEqual(Object.keys(args ?? {}).slice(0, 4), ["from", "out", "template", "dry-run"]);
});

// contract: API-3, API-4, API-5
test("the descriptors of a server are a registry, or a set for buf", TIMEOUT, async (t) => {
  const url = `http://${await reflecting(t)}`;
  const { services, registry, fileNames } = await fetchReflectionData(url);
  assert.deepEqual([services, fileNames], [SERVICES, FILES]);
  assert.equal(registry.getService("connectum.test.v1.EchoService")?.method["echo"]?.name, "Echo");
  assert.deepEqual(
    [...registry.files].map(({ name }) => name),
    FILES,
  );
  const set = fromBinary(FileDescriptorSetSchema, await fetchFileDescriptorSetBinary(url));
  assert.deepEqual(
    set.file.map(({ name }) => name),
    FILES.map((name) => `${name}.proto`),
  );
  await assert.rejects(fetchReflectionData("http://127.0.0.1:1"), { exitCode: 3 });
});

// contract: CLI-import
test("importing the package does nothing", TIMEOUT, async () => {
  const script =
    'import { run } from "@connectum/cli"; import "@connectum/cli/commands/proto-sync"; console.log(typeof run);';
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, "proto", "sync"], { cwd: root });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    child.once("close", () => resolve({ stdout: out, stderr: err }));
  });
  assert.deepEqual([stdout, stderr], ["function\n", ""]);
});
