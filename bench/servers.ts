// The measured programs: building, starting, versions.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Failure } from "../scripts/run.mjs";
import { startProgram } from "../scripts/server-process.mjs";
import { bin, cargoTarget, root, run } from "../scripts/setup.mjs";
import type { ServerName } from "./case.ts";
import type { Variant } from "./peers/variant.ts";

/** h2load and the client of handshakes have core 1. */
const serverCore = ["taskset", "-c", "0"];
const clientCore = ["taskset", "-c", "1"];

const major = Number(process.versions.node.split(".")[0]);

/** The JavaScript engine of this run, for example `node-20`. */
export const engine = `node-${major}`;

/** The programs, compiled: a TypeScript loader in a server would be measured too. */
const folder = join(".build/bench", engine);

/** The paths of the programs in Rust, once they are built. */
let limit = "";
let handshakes = "";

/** The checkout that `before` is started from. */
let before = "";

/** The repository has the newest peers for Node 20. Newer peers for a newer Node are installed beside the programs. */
const newerPeers = major >= 22 ? ["@connectrpc/connect@2.3.0", "@connectrpc/connect-node@2.3.0"] : [];

/**
 * Installs missing peers, compiles the programs, and builds the Rust part with a profile of Cargo.toml: `dist` is the
 * published one, `release` builds faster.
 * @param examples the programs in Rust that are needed
 */
export async function buildServers(profile: string, examples: readonly RustProgram[]): Promise<void> {
  if (newerPeers.some((peer) => versionOf(nameOf(peer)) !== peer.slice(nameOf(peer).length + 1))) await installPeers();
  await run(bin("tsc"), ["--project", "bench/tsconfig.programs.json", "--outDir", folder]);
  const wanted = ["--lib", ...examples.flatMap((name) => ["--example", name])];
  console.log("building the addon as it is published, and programs in Rust (each time it changes this takes minutes)");
  const target = await cargoTarget();
  await run("cargo", ["build", "--profile", profile, "--quiet", ...wanted, ...target], { timeoutMs: 3_600_000 });
  const built = resolve(root, process.env["CARGO_TARGET_DIR"] ?? "target", target[1] ?? "", profile);
  limit = join(built, "examples/limit");
  handshakes = join(built, "examples/handshakes");
  const addon = join(root, ".build/bench/connectum-native.node");
  copyFileSync(join(built, "libconnectum_native.so"), addon);
  // The addon's loader uses this path first, in all programs started from here.
  process.env["CONNECTUM_NATIVE_PATH"] = addon;
}

/**
 * Compares with our server of another checkout, which has been measured there before.
 * @param checkout its folder
 */
export function compareWith(checkout: string): void {
  before = resolve(checkout);
  if (existsSync(join(before, ".build/bench/connectum-native.node"))) return;
  throw new Failure(`${before} has no servers to measure. Run \`npm run bench -- --only grpc-unary\` there first.`);
}

/** A peer of `bench/peers` in Rust, and the client of `bench/handshake-client`. */
export type RustProgram = "limit" | "handshakes";

export function startServer(name: ServerName, variant: Variant = "plain") {
  return startProgram([...serverCore, ...commandOf(name), variant], name);
}

/** The command that runs a compiled program of `bench/` on the servers' core. */
export function onServerCore(program: string, args: readonly string[]): string[] {
  return [...serverCore, process.execPath, join(folder, "bench", `${program}.js`), ...args];
}

/** The command that runs the client of handshakes on the clients' core. */
export function handshakeClient(args: readonly string[]): string[] {
  return [...clientCore, handshakes, ...args];
}

/** Name and version of Node and of each measured package. */
export function versions(): string[] {
  const peers = ["@connectrpc/connect-node", "@grpc/grpc-js", "@grpc/proto-loader", "@bufbuild/protobuf"];
  const ours = `@connectum/core ${JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8")).version}`;
  return [`Node ${process.versions.node}`, ours, ...peers.map((name) => `${name} ${versionOf(name)}`)];
}

function commandOf(name: ServerName): string[] {
  if (name === "limit") return [limit];
  if (name === "before") {
    const addon = join(before, ".build/bench/connectum-native.node");
    const program = join(before, folder, "bench/peers/connectum/server.js");
    // The second variable is that of checkouts before the loader was ours.
    const variables = ["CONNECTUM_NATIVE_PATH", "NAPI_RS_NATIVE_LIBRARY_PATH"].map((name) => `${name}=${addon}`);
    return ["env", ...variables, process.execPath, program];
  }
  return [process.execPath, join(folder, "bench/peers", name, "server.js")];
}

async function installPeers(): Promise<void> {
  console.log(`installing ${newerPeers.join(", ")} into ${folder}`);
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "package.json"), '{ "type": "module" }\n');
  // Without their own peer dependencies, so that all servers use the repository's protobuf-es.
  const flags = ["--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...flags, ...newerPeers], { cwd: join(root, folder) });
}

/** The version of a package that the programs load; undefined if it is not installed. */
function versionOf(name: string): string | undefined {
  const files = [folder, "."].map((place) => join(root, place, "node_modules", name, "package.json"));
  const file = files.find((one) => existsSync(one));
  return file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8")).version;
}

/** `@scope/name` of `@scope/name@1.2.3`. */
function nameOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf("@"));
}
