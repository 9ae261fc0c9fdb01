// @ts-check
// A registry on loopback that serves our tarballs, for package managers that install only from one. It has the packages
// of @connectum and nothing else: `.npmrc` names it for that scope, and the others come from where they always do.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";
import { platformFiles } from "./platforms.mjs";
import { Failure } from "./run.mjs";
import { manifestsIn } from "./tarball-manifests.mjs";

/**
 * @param {string} folder of tarballs
 * @returns {Promise<{ url: string, npmrc: string, close: () => void }>} with the text of an `.npmrc` for it
 */
export async function startRegistry(folder) {
  const packages = new Map((await manifestsIn(folder)).map((manifest) => [manifest.name, manifest]));
  // Deno wants to know all optional dependencies, those for other platforms too. Nobody downloads these.
  for (const manifest of otherPlatforms()) {
    if (!packages.has(manifest.name)) packages.set(manifest.name, { ...manifest, file: "" });
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname).slice(1);
    const found = packages.get(path);
    const tarball = [...packages.values()].find(({ file }) => file !== "" && path === `tarballs/${basename(file)}`);
    response.setHeader("cache-control", "no-store");
    if (tarball !== undefined) response.end(readFileSync(tarball.file));
    else if (found === undefined) response.writeHead(404).end(`{"error":"not found"}`);
    else {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(packumentOf(found, `http://${request.headers.host}`)));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Failure("the registry has no port.");
  const url = `http://127.0.0.1:${address.port}/`;
  return { url, npmrc: `@connectum:registry=${url}\n`, close: () => server.close() };
}

/** @returns {{ name: string, version: string }[]} the manifests of all platforms */
function otherPlatforms() {
  return platformFiles().flatMap(([file, text]) => (file.endsWith("package.json") ? [JSON.parse(text)] : []));
}

/**
 * What a registry answers about a package that has one version.
 * @param {{ name: string, version: string, file: string }} published
 * @param {string} origin
 */
function packumentOf({ file, ...manifest }, origin) {
  const content = file === "" ? "" : readFileSync(file);
  const dist = {
    tarball: `${origin}/tarballs/${basename(file) || `${manifest.name}.tgz`}`,
    shasum: createHash("sha1").update(content).digest("hex"),
    integrity: `sha512-${createHash("sha512").update(content).digest("base64")}`,
  };
  const { name, version } = manifest;
  return {
    _id: name,
    name,
    "dist-tags": { latest: version },
    time: { [version]: "2026-01-01T00:00:00.000Z" },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  };
}
