// @ts-check
// The addon as it is published: profile dist, stripped; on Linux for glibc 2.17, linked by zig, which has its symbols.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { addonFileOf } from "./platforms.mjs";
import { ensurePythonEnvironment } from "./python-environment.mjs";
import { capture, Failure, root, run } from "./run.mjs";

/** @typedef {import("./platforms.mjs").Platform} Platform */

/** The oldest C library that a Linux addon may need: that of RHEL 7. Node's own binaries need 2.28. */
const GLIBC = "2.17";
const PYTHON_PACKAGES = ["cargo-zigbuild==0.24.1", "ziglang==0.17.1"];
/** Not `target`: zig is another C compiler, and each change of it compiles everything again. */
const TARGET_FOLDER = join(root, "target", "published");

/**
 * Builds the addon of a platform. Minutes, unless nothing has changed.
 * @param {Platform} platform
 * @returns {Promise<string>} the path of the library
 */
export async function buildPublished(platform) {
  const { rustTarget } = platform;
  console.log(`building ${addonFileOf(platform)} as it is published (a first build takes minutes)`);
  await ensureTarget(rustTarget);
  const isLinux = rustTarget.includes("linux");
  const cargo = isLinux ? "zigbuild" : "build";
  const target = rustTarget.endsWith("linux-gnu") ? `${rustTarget}.${GLIBC}` : rustTarget;
  await run("cargo", [cargo, "--quiet", "--profile", "dist", "--lib", "--target", target], {
    timeoutMs: 3_600_000,
    env: { CARGO_TARGET_DIR: TARGET_FOLDER, ...flagsFor(rustTarget), ...(isLinux && (await zigPath())) },
  });
  const library = join(TARGET_FOLDER, rustTarget, "dist", libraryName(rustTarget));
  if (rustTarget.endsWith("linux-gnu")) await checkGlibc(library);
  return library;
}

/** @param {string} rustTarget */
async function ensureTarget(rustTarget) {
  const { stdout } = await capture("rustc", ["--print", "target-libdir", "--target", rustTarget]);
  if (!existsSync(stdout.trim())) await run("rustup", ["target", "add", rustTarget]);
}

/**
 * An addon on musl is loaded by a program that has its C library already. One on Windows brings its own: a clean system
 * has no vcruntime140.dll.
 * @param {string} rustTarget
 */
function flagsFor(rustTarget) {
  if (rustTarget.endsWith("musl")) return { RUSTFLAGS: "-C target-feature=-crt-static" };
  return rustTarget.endsWith("msvc") ? { RUSTFLAGS: "-C target-feature=+crt-static" } : {};
}

async function zigPath() {
  const environment = await ensurePythonEnvironment("zig", PYTHON_PACKAGES);
  const programs = join(environment, "bin");
  return {
    PATH: [programs, process.env["PATH"]].join(delimiter),
    CARGO_ZIGBUILD_PYTHON_PATH: join(programs, "python"),
  };
}

/** @param {string} rustTarget */
function libraryName(rustTarget) {
  if (rustTarget.includes("windows")) return "connectum_native.dll";
  return rustTarget.includes("apple") ? "libconnectum_native.dylib" : "libconnectum_native.so";
}

/**
 * Fails when a library needs a newer glibc than {@link GLIBC}.
 * @param {string} library
 */
export async function checkGlibc(library) {
  const { code, stdout, stderr } = await capture("readelf", ["--version-info", "--wide", library]);
  if (code !== 0) throw new Failure(`readelf does not read ${library}: ${stderr}`);
  const needed = [...stdout.matchAll(/Name: GLIBC_([\d.]+)/g)].map(([, version = ""]) => version);
  if (needed.length === 0) throw new Failure(`${library} names no version of glibc.`);
  const newest = needed.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1) ?? "";
  if (newest.localeCompare(GLIBC, "en", { numeric: true }) > 0) {
    throw new Failure(`${library} needs glibc ${newest}. It may need ${GLIBC} at most.`);
  }
  console.log(`it needs glibc ${newest}`);
}
