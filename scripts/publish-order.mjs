// @ts-check
// The order in which packages are published: each after all that it needs, so that what is published can be installed.
import { Failure } from "./run.mjs";

/** @typedef {import("./tarball-manifests.mjs").Manifest} Manifest */

const SCOPE = "@connectum/";

/**
 * @template {Manifest} T
 * @param {readonly T[]} manifests of all packages of a release
 * @returns {T[]}
 */
export function publishOrder(manifests) {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  /** @type {Set<T>} */
  const ordered = new Set();
  /** @type {(manifest: T, way: string[]) => void} */
  const add = (manifest, way) => {
    if (way.includes(manifest.name)) throw new Failure(`${[...way, manifest.name].join(" needs ")}: a circle.`);
    for (const [name, version] of neededBy(manifest)) {
      const needed = byName.get(name);
      if (needed?.version === version) add(needed, [...way, manifest.name]);
      else throw new Failure(`${manifest.name} needs ${name}@${version}, and there is ${needed?.version ?? "none"}.`);
    }
    ordered.add(manifest);
  };
  for (const manifest of manifests) add(manifest, []);
  return [...ordered];
}

/**
 * What a package needs of ours.
 * @param {Manifest} manifest
 */
function neededBy({ dependencies, optionalDependencies, peerDependencies }) {
  const all = { ...dependencies, ...optionalDependencies, ...peerDependencies };
  return Object.entries(all).filter(([name]) => name.startsWith(SCOPE));
}
