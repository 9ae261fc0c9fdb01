// @ts-check
// TypeScript from every .proto of the repository, in the `gen` beside each buf.gen.yaml, and the schemas that are
// compiled into the addon: generated, and checked.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin, Failure, root, run } from "./setup.mjs";

/** Serialized `FileDescriptorSet`s that Rust includes, and the folder of the .proto files of each. */
const descriptorSets = new Map([
  ["src/services/health/health.binpb", "packages/healthcheck/proto"],
  ["src/services/reflection/reflection.binpb", "packages/reflection/proto"],
]);

/** Fails when a committed `gen` is not what its protos generate today, and names the files. */
export async function checkGenerated() {
  const stale = [];
  for (const folder of bufFolders()) {
    await provideImports(folder);
    const fresh = mkdtempSync(join(tmpdir(), "connectum-gen-"));
    try {
      await run(bin("buf"), ["generate", "--output", fresh], { cwd: join(root, folder) });
      stale.push(...differences(join(fresh, "gen"), join(root, folder, "gen")).map((file) => `${folder}/gen/${file}`));
    } finally {
      rmSync(fresh, { recursive: true });
    }
  }
  for (const [file, protos] of descriptorSets) {
    const fresh = mkdtempSync(join(tmpdir(), "connectum-gen-"));
    try {
      await buildDescriptorSet(protos, join(fresh, "set.binpb"));
      if (isDifferent(join(fresh, "set.binpb"), join(root, file))) stale.push(file);
    } finally {
      rmSync(fresh, { recursive: true });
    }
  }
  if (stale.length > 0) throw new Failure(`not what "npm run generate" makes of its .proto: ${stale.join(", ")}`);
}

/** Generates every `gen`. */
export async function generate() {
  for (const folder of bufFolders()) {
    console.log(`generating ${folder}/gen`);
    await provideImports(folder);
    rmSync(join(root, folder, "gen"), { recursive: true, force: true });
    await run(bin("buf"), ["generate"], { cwd: join(root, folder) });
  }
  for (const [file, protos] of descriptorSets) {
    console.log(`generating ${file}`);
    await buildDescriptorSet(protos, join(root, file));
  }
}

/**
 * @param {string} protos
 * @param {string} file
 */
function buildDescriptorSet(protos, file) {
  const flags = ["--as-file-descriptor-set", "--exclude-source-info", "--output", file];
  return run(bin("buf"), ["build", protos, ...flags], { cwd: root });
}

/**
 * Writes the imports that are not in the folder into its `.deps`, if its buf.yaml has one. buf would fetch them from
 * its registry; here they come from the npm package that contains them compiled.
 * @param {string} folder
 */
async function provideImports(folder) {
  const configuration = join(root, folder, "buf.yaml");
  if (!existsSync(configuration) || !readFileSync(configuration, "utf8").includes("path: .deps")) return;
  // Imported here, as this module is loaded before packages are installed.
  const { protoSource } = await import("./proto-source.mjs");
  const { file_buf_validate_validate: file } = await import("@bufbuild/protovalidate/gen/buf/validate/validate_pb.js");
  const deps = join(root, folder, ".deps", "buf", "validate");
  mkdirSync(deps, { recursive: true });
  writeFileSync(join(deps, "validate.proto"), protoSource(file.proto));
}

/** All folders of the repository with a buf.gen.yaml; folders that are not in git are skipped. */
function bufFolders() {
  const outside = new Set(["node_modules", "target", "dist", "gen"]);
  /** @type {(folder: string) => string[]} */
  const search = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    const below = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !outside.has(entry.name))
      .flatMap((entry) => search(join(folder, entry.name)));
    return existsSync(join(root, folder, "buf.gen.yaml")) ? [folder, ...below] : below;
  };
  return search("").sort();
}

/**
 * The files that only one of two folders has, or that differ.
 * @param {string} one
 * @param {string} other
 */
function differences(one, other) {
  const names = new Set([...filesIn(one), ...filesIn(other)]);
  return [...names].filter((name) => isDifferent(join(one, name), join(other, name)));
}

/**
 * Whether two files differ, or one is missing.
 * @param {string} one
 * @param {string} other
 */
function isDifferent(one, other) {
  return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other));
}

/**
 * @param {string} folder
 * @param {string} prefix
 * @returns {string[]}
 */
function filesIn(folder, prefix = "") {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = join(prefix, entry.name);
    return entry.isDirectory() ? filesIn(join(folder, entry.name), name) : [name];
  });
}
