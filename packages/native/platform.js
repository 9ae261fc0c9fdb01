// @ts-check
// The platforms with a package of their own, and which of them this is.
import process from "node:process";

/** Each has a package @connectum/native-<name>. The part after the processor is the C library, or the Windows ABI. */
export const PLATFORMS = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-x64-msvc",
];

/** The names of `PLATFORMS` for this system and processor: two on Linux, none where there is no package. */
export function namesHere() {
  const here = `${process.platform}-${process.arch}`;
  return PLATFORMS.filter((name) => name === here || name.startsWith(`${here}-`));
}

/**
 * Of the names for this system and processor the one for its C library; system and processor where there is none. On
 * Linux this takes milliseconds.
 * @param {readonly string[]} names
 * @returns {string}
 */
export function nameOfThisPlatform(names) {
  const [first = `${process.platform}-${process.arch}`, ...others] = names;
  if (others.length === 0) return first;
  const libc = hasMusl() ? "-musl" : "-gnu";
  return names.find((name) => name.endsWith(libc)) ?? first;
}

/**
 * Whether the process runs on musl, as Alpine does: its report names no version of glibc, but a loader of musl. Deno is
 * only built for glibc, and would ask for a permission.
 */
function hasMusl() {
  if (process.versions["deno"] !== undefined) return false;
  /** @type {Reports | undefined} */
  const report = process.report;
  if (report === undefined) return false;
  // The report would resolve the addresses of open connections by DNS.
  const { excludeNetwork = false } = report;
  report.excludeNetwork = true;
  try {
    const { header, sharedObjects } = report.getReport();
    if (header?.glibcVersionRuntime !== undefined) return false;
    return sharedObjects?.some((file) => /\/(ld|libc\.)-?musl/.test(file)) ?? false;
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/**
 * What is used of `process.report`; the first property came with Node 22.
 * @typedef {{ excludeNetwork?: boolean, getReport(): Report }} Reports
 * @typedef {{ header?: { glibcVersionRuntime?: string }, sharedObjects?: string[] }} Report
 */
