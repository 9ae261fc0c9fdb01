// @ts-check
// The licences of what is linked into the addon: crates, and the C libraries that some of them bring.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture, Failure } from "./run.mjs";

const LICENSE = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;
/** Of crates that build a C library: it is in a folder below. */
const DEPTH = 2;

/**
 * One text: each licence once, below the names of those that have it.
 * @param {string} rustTarget
 */
export async function thirdPartyLicenses(rustTarget) {
  const args = ["metadata", "--format-version", "1", "--locked", "--filter-platform", rustTarget];
  const { code, stdout, stderr } = await capture("cargo", args);
  if (code !== 0) throw new Failure(`cargo metadata failed: ${stderr}`);
  /** @type {Metadata} */
  const metadata = JSON.parse(stdout);
  /** @type {Map<string, string[]>} */
  const users = new Map();
  for (const { name, version, license, manifest_path: manifest } of linked(metadata)) {
    const texts = licensesIn(dirname(manifest), DEPTH).map((file) => readFileSync(file, "utf8").trim());
    if (texts.length === 0 && license === null) throw new Failure(`${name} ${version} has no licence.`);
    for (const text of texts.length > 0 ? texts : [`${license}, without a text of its own`]) {
      users.set(text, [...(users.get(text) ?? []), `${name} ${version} (${license ?? "see below"})`]);
    }
  }
  const parts = [...users].map(([text, names]) => `${[...new Set(names)].sort().join("\n")}\n\n${text}`);
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  return `The addon of @connectum/native contains the following software.${rule}${parts.join(rule)}\n`;
}

/**
 * The packages that the crate depends on, without those that only build or test it.
 * @param {Metadata} metadata
 */
function linked({ packages, resolve: { root, nodes } }) {
  const dependencies = new Map(nodes.map(({ id, deps }) => [id, deps]));
  const found = new Set([root]);
  // Grows while it is read.
  for (const id of found) {
    for (const { pkg, dep_kinds: kinds } of dependencies.get(id) ?? []) {
      if (kinds.some(({ kind }) => kind === null)) found.add(pkg);
    }
  }
  return packages.filter(({ id }) => id !== root && found.has(id));
}

/**
 * @param {string} folder
 * @param {number} depth
 * @returns {string[]}
 */
function licensesIn(folder, depth) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? licensesIn(path, depth - 1) : [];
    return LICENSE.test(entry.name) && !/\.(rs|c|h)$/.test(entry.name) ? [path] : [];
  });
}

/**
 * What is used of the output of `cargo metadata`.
 * @typedef {{ id: string, name: string, version: string, license: string | null, manifest_path: string }} Package
 * @typedef {{ pkg: string, dep_kinds: { kind: string | null }[] }} Dependency
 * @typedef {{ packages: Package[], resolve: { root: string, nodes: { id: string, deps: Dependency[] }[] } }} Metadata
 */
