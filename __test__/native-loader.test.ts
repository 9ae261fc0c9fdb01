// What `import "@connectum/native"` does where the addon is there, and what it says where it is not. Each test installs
// the package into a folder of its own, with what is wrong there, and imports it in a process of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { PLATFORMS as NAMES } from "../packages/native/platform.js";
import { addonFileOf, PLATFORMS, platformFiles, platformHere } from "../scripts/platforms.mjs";
import { root } from "../scripts/run.mjs";

const source = join(root, "packages/native");
const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
const here = platformHere();
assert.ok(here, "there is a package for this platform");
const built = join(source, addonFileOf(here));
const library = here.name.endsWith("-gnu");

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project with `@connectum/native`, in this version, and nothing else. */
function project(version: string = manifest.version) {
  const folder = mkdtempSync(join(tmpdir(), "connectum-native-"));
  folders.push(folder);
  const modules = join(folder, "node_modules/@connectum");
  const native = join(modules, "native");
  for (const file of manifest.files.filter((one: string) => /\.c?js$/.test(one))) {
    cpSync(join(source, file), join(native, file));
  }
  writeFileSync(join(native, "package.json"), JSON.stringify({ ...manifest, version }));
  const loader = readFileSync(join(source, "load.js"), "utf8");
  writeFileSync(join(native, "load.js"), loader.replace(`"${manifest.version}"`, `"${version}"`));
  return {
    folder,
    native,
    /** Installs the package of a platform: with this machine's addon, or with this text as a file that is none. */
    install(name: string, content?: string, main = "addon.node") {
      const target = join(modules, `native-${name}`);
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, "package.json"), JSON.stringify({ name: `@connectum/native-${name}`, main }));
      if (content === undefined) copyFileSync(built, join(target, main));
      else writeFileSync(join(target, main), content);
    },
  };
}

interface Situation {
  /** Runs before the import. */
  readonly preload?: string;
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** What the import gives: the type of an export, or the message of the error. */
async function importIn(folder: string, { preload = "", flags = [], env = {} }: Situation = {}): Promise<string> {
  const program = `
    import("@connectum/native").then(
      ({ NativeServer }) => console.log(typeof NativeServer),
      (error) => console.log(error.message),
    );`;
  const before = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
  const args = [...before, ...flags, "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: "", CONNECTUM_NATIVE_PATH: "", ...env },
  });
  return stdout.trim();
}

const onMusl = `
  process.report.getReport = () => ({ header: {}, sharedObjects: ["/lib/ld-musl-x86_64.so.1"] });`;
const musl = here.name.replace("-gnu", "-musl");

test("the package of the platform is loaded", async () => {
  const { folder, install } = project();
  install(here.name);
  assert.equal(await importIn(folder), "function");
});

test("a file that was built beside the loader is preferred", async () => {
  const { folder, native, install } = project();
  install(here.name, "not an addon");
  copyFileSync(built, join(native, addonFileOf(here)));
  assert.equal(await importIn(folder), "function");
});

test("CONNECTUM_NATIVE_PATH is preferred to all, and may be relative", async () => {
  const { folder, install } = project();
  install(here.name, "not an addon");
  copyFileSync(built, join(folder, "mine.node"));
  assert.equal(await importIn(folder, { env: { CONNECTUM_NATIVE_PATH: "mine.node" } }), "function");
  assert.equal(await importIn(folder, { env: { CONNECTUM_NATIVE_PATH: built } }), "function");
});

test("of the packages for both C libraries the right one is loaded", { skip: !library }, async () => {
  const { folder, install } = project();
  install(here.name);
  install(musl, "not an addon");
  assert.equal(await importIn(folder), "function");
  // Now this machine's addon is in the package for musl.
  install(here.name, "not an addon");
  install(musl);
  assert.equal(await importIn(folder, { preload: onMusl }), "function");
});

test("a platform without a package: which there are, and the way to build it", async () => {
  const { folder } = project();
  const preload = 'Object.defineProperty(process, "arch", { value: "riscv64" })';
  assert.equal(
    await importIn(folder, { preload }),
    `@connectum/native: there is no prebuilt addon for ${process.platform} on riscv64.
There is one for darwin-arm64, darwin-x64, linux-arm64-gnu, linux-arm64-musl, linux-x64-gnu, linux-x64-musl, win32-x64-msvc.
Or build the addon from source (npm run build in a clone, with Rust and a C compiler), and set CONNECTUM_NATIVE_PATH to its file.`,
  );
});

/** What is said where the package of a platform is missing. */
function missing(name: string): string {
  return `@connectum/native: the addon for ${name} is missing: the package @connectum/native-${name} is not installed.
It is an optional dependency. It is left out with --omit=optional, and by npm where the lock file was written on another platform.
Install it: npm install --no-save @connectum/native-${name}@${manifest.version}
For good: delete node_modules and the lock file, and install again.
Or build the addon from source (npm run build in a clone, with Rust and a C compiler), and set CONNECTUM_NATIVE_PATH to its file.`;
}

test("an optional dependency that npm forgot: the package, and the line that installs it", async () => {
  assert.equal(await importIn(project().folder), missing(here.name));
});

test("on musl the missing package is that for musl", { skip: !library }, async () => {
  assert.equal(await importIn(project().folder, { preload: onMusl }), missing(musl));
});

test("node_modules that comes from a system with another C library", { skip: !library }, async () => {
  const { folder, install } = project();
  install(here.name, "what musl cannot load");
  assert.equal(
    await importIn(folder, { preload: onMusl }),
    `@connectum/native: this is ${musl}, and the installed addon is for ${here.name}: node_modules comes from another system.
Install on this one: npm install --no-save @connectum/native-${musl}@${manifest.version}`,
  );
});

test("an addon of another version: both versions, and the line that mends it", async () => {
  const { folder, native, install } = project("9.9.9");
  install(here.name);
  const first = (file: string) =>
    `@connectum/native: this is version 9.9.9, and the addon ${file} is version ${manifest.version}.\n`;
  const installed = join(native, `../native-${here.name}/addon.node`);
  assert.equal(
    await importIn(folder),
    `${first(installed)}Install the addon of this version: npm install --no-save @connectum/native-${here.name}@9.9.9`,
  );
  assert.equal(
    await importIn(folder, { env: { CONNECTUM_NATIVE_PATH: built } }),
    `${first(built)}Set CONNECTUM_NATIVE_PATH to an addon of version 9.9.9, or unset it.`,
  );
  const beside = join(native, addonFileOf(here));
  copyFileSync(built, beside);
  assert.equal(await importIn(folder), `${first(beside)}Build it again: npm run build`);
});

test("an addon that has no version is not ours", async () => {
  const { folder, install } = project();
  install(here.name, "exports.NativeServer = class {}", "addon.js");
  assert.match(await importIn(folder), /^@connectum\/native: this is version .*addon\.js is of no version\.\nInstall /);
});

test("CONNECTUM_NATIVE_PATH that leads nowhere", async () => {
  const { folder, install } = project();
  install(here.name);
  const said = await importIn(folder, { env: { CONNECTUM_NATIVE_PATH: "nowhere.node" } });
  assert.match(
    said,
    /^@connectum\/native: CONNECTUM_NATIVE_PATH is "nowhere\.node", and .+nowhere\.node is no file whose name ends/,
  );
  assert.match(said, /\nSet it to the file of an addon, or unset it\.$/);
});

test("an old Node", async () => {
  const { folder, install } = project();
  install(here.name);
  const preload = `
    const versions = { ...process.versions, node: "16.20.2" };
    Object.defineProperty(process, "versions", { value: versions });`;
  const said = await importIn(folder, { preload });
  assert.equal(said, "@connectum/native: Node 16.20.2 is too old. Install Node 18 or newer.");
});

test("a Node that may not load addons", async () => {
  const { folder, install } = project();
  install(here.name);
  assert.equal(
    await importIn(folder, { flags: ["--no-addons"] }),
    "@connectum/native: Node was not allowed to load the addon. Run it without --no-addons; with --permission, add --allow-addons.",
  );
});

test("a loader that was bundled finds the addon in node_modules beside the bundle", async () => {
  const { folder, install } = project();
  install(here.name);
  rmSync(join(folder, "node_modules/@connectum/native"), { recursive: true });
  // Of an application with a version of its own.
  writeFileSync(join(folder, "package.json"), '{ "name": "application", "version": "7.0.0" }');
  const outfile = join(folder, "bundle.mjs");
  await build({ entryPoints: [join(source, "index.js")], outfile, bundle: true, platform: "node", format: "esm" });
  const program = `import("${pathToFileURL(outfile)}").then(({ VERSION }) => console.log(VERSION))`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(stdout.trim(), manifest.version);
});

test("a file that is no addon: the file, the system's words, and the line that installs it again", async () => {
  const { folder, install } = project();
  install(here.name, "not an addon");
  const said = await importIn(folder);
  const [first = "", second] = said.split("\n");
  assert.ok(first.startsWith("@connectum/native: the addon "), first);
  assert.match(first, /addon\.node does not load on \S+: .+/);
  assert.equal(second, `Install it again: npm install --no-save @connectum/native-${here.name}@${manifest.version}`);
});

test("the line that installs an addon is that of the package manager", async () => {
  const { folder, native } = project();
  const versions = 'Object.defineProperty(process, "versions", { value: { ...process.versions, pnp: "3" } });';
  assert.match(await importIn(folder, { preload: versions }), /^Install it: yarn add @connectum\/native-/m);
  const store = join(folder, "node_modules/.pnpm/@connectum+native/node_modules/@connectum/native");
  cpSync(native, store, { recursive: true });
  rmSync(native, { recursive: true });
  symlinkSync(store, native);
  assert.match(await importIn(folder), /^Install it: pnpm add --save-optional @connectum\/native-/m);
});

test("the loader exports what the addon exports, and what index.d.ts declares", async () => {
  const addon = createRequire(import.meta.url)(built);
  const declared = readFileSync(join(source, "index.d.ts"), "utf8").matchAll(
    /^export declare (?:const|class|function|enum) (\w+)/gm,
  );
  const names = [...declared].map(([, name = ""]) => name).sort();
  assert.deepEqual(Object.keys(addon).sort(), names);
  assert.deepEqual(Object.keys(await import("@connectum/native")).sort(), names);
  assert.equal(addon.VERSION, manifest.version);
});

test("every platform that the loader knows has its package", () => {
  assert.deepEqual(
    PLATFORMS.map(({ name }) => name),
    NAMES,
  );
  for (const [file, text] of platformFiles()) {
    assert.equal(readFileSync(join(root, file), "utf8"), text, `${file}: npm run generate`);
  }
});
