// @ts-check
// The package.json of each tarball in a folder, as npm publishes it.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capture, Failure } from "./run.mjs";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/**
 * @param {string} folder
 * @returns {Promise<(Manifest & { file: string })[]>} with the path of each tarball; not empty
 */
export async function manifestsIn(folder) {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".tgz")) : [];
  if (files.length === 0) throw new Failure(`there are no tarballs in ${folder}: npm run pack`);
  const manifests = [];
  for (const file of files) {
    // By its name alone: GNU's tar takes the drive letter of Windows for a host.
    const { code, stdout, stderr } = await capture("tar", ["-xzOf", file, "package/package.json"], { cwd: folder });
    if (code !== 0) throw new Failure(`tar does not read ${join(folder, file)}: ${stderr}`);
    manifests.push({ ...JSON.parse(stdout), file: join(folder, file) });
  }
  return manifests;
}
