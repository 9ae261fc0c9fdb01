// @ts-check
// node scripts/publish.mjs [--provenance] [folder]: publishes the tarballs of a folder (default .build/tarballs). Each
// comes after what it needs. What is published already is skipped, so a half-finished release can be run again.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { publishOrder } from "./publish-order.mjs";
import { capture, Failure, main, run } from "./run.mjs";
import { manifestsIn } from "./tarball-manifests.mjs";
import { TARBALLS } from "./tarballs.mjs";

main(async () => {
  const options = /** @type {const} */ ({ provenance: { type: "boolean", default: false } });
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const packages = publishOrder(await manifestsIn(resolve(positionals[0] ?? TARBALLS)));
  const env = await credentials();
  for (const { name, version, file } of packages) {
    const published = await publishedIntegrity(`${name}@${version}`);
    if (published !== undefined) {
      const build = published === integrityOf(file) ? "" : ", from another build";
      console.log(`${name}@${version} is published already${build}`);
      continue;
    }
    // npm does not publish a prerelease as "latest".
    const tag = version.includes("-") ? "next" : "latest";
    const flags = ["--access", "public", "--tag", tag, ...(values.provenance ? ["--provenance"] : [])];
    await run("npm", ["publish", file, ...flags, "--loglevel=warn"], { env });
  }
  console.log(`all ${packages.length} packages are published`);
});

/** For npm, if there is a token. Without one npm gets its own where the registry trusts the workflow. */
async function credentials() {
  const token = process.env["NPM_TOKEN"];
  if (token === undefined || token === "") return {};
  const { stdout } = await capture("npm", ["config", "get", "registry"]);
  const { host, pathname } = new URL(stdout.trim());
  return { [`npm_config_//${host}${pathname}:_authToken`]: token };
}

/**
 * The hash of what is published, or undefined if nothing is.
 * @param {string} specifier a name and a version
 */
async function publishedIntegrity(specifier) {
  const { code, stdout, stderr } = await capture("npm", ["view", specifier, "dist.integrity"]);
  if (code !== 0 && !stderr.includes("E404")) throw new Failure(`npm view ${specifier} failed: ${stderr}`);
  return code === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}

/** @param {string} file */
function integrityOf(file) {
  return `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
}
