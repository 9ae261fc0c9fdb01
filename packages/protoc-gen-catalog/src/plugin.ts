// The plugin: a request of protoc in, at most one file of each target out.
import { createRequire } from "node:module";
import process from "node:process";
import { createEcmaScriptPlugin, type GeneratedFile, type Plugin, type Schema } from "@bufbuild/protoplugin";
import { printAugmentation } from "./augmentation.ts";
import { printCatalog } from "./catalog.ts";
import { finished } from "./finished.ts";
import { type CatalogOptions, parseOptions } from "./options.ts";
import { type CatalogService, servicesOf } from "./services.ts";

const NAME = "protoc-gen-connectum-catalog";
const { version }: { version: string } = createRequire(import.meta.url)("../package.json");

const generator = createEcmaScriptPlugin({
  name: NAME,
  version,
  parseOptions: (raw) => parseOptions(NAME, raw),
  generateTs: (schema) => generate(schema, "ts", ".ts"),
  generateJs: (schema) => generate(schema, "js", ".js"),
  generateDts: (schema) => generate(schema, "dts", ".d.ts"),
});

/**
 * The plugin `protoc-gen-connectum-catalog`, for `runNodeJs()` of `@bufbuild/protoplugin` and for tests.
 *
 * It writes one file for all files to generate, so buf needs `strategy: all`. Without services it writes none, unless
 * the option `keep_empty_files=true` is set; stderr tells. Without the option `target` it writes TypeScript.
 */
export const protocGenCatalog: Plugin = {
  name: NAME,
  version,
  run(request) {
    const response = generator.run(withTarget(request));
    for (const file of response.file) file.content = finished(`${NAME} v${version}`, file.content);
    return response;
  },
};

/** protobuf-es has JavaScript and declarations as its default. */
function withTarget<Request extends { readonly parameter: string }>(request: Request): Request {
  const given = request.parameter.split(",").filter((option) => option !== "");
  if (given.some((option) => /^target(=|$)/.test(option))) return request;
  return { ...request, parameter: [...given, "target=ts"].join(",") };
}

function generate(schema: Schema<CatalogOptions>, target: "ts" | "js" | "dts", ending: string): void {
  const services = servicesOf(schema);
  const { stem, keepEmptyFiles, jsImportStyle } = schema.options;
  if (jsImportStyle === "legacy_commonjs") throw new Error(`${NAME}: a catalog is an ES module, never CommonJS.`);
  if (services.length === 0) {
    if (target === schema.targets[0]) warnOfNone(keepEmptyFiles);
    if (!keepEmptyFiles) return;
  }
  print(schema.generateFile(`${stem}${ending}`), services, target);
}

function print(file: GeneratedFile, services: readonly CatalogService[], target: "ts" | "js" | "dts"): void {
  // Without an import the augmentation would declare a module of its own.
  if (target !== "js") file.print(`import type {} from "@connectum/core";`);
  printCatalog(file, services, target);
  if (target !== "js" && services.length > 0) printAugmentation(file, services);
}

function warnOfNone(isWritten: boolean): void {
  const what = isWritten
    ? "emitted an empty catalog."
    : "emitted no catalog, which might replace another. With keep_empty_files=true an empty one is written.";
  process.stderr.write(`${NAME}: no services in files-to-generate; ${what}\n`);
}
