// node --import tsx matrix/types.ts FOLDER: a program that imports every entry point of the packages in FOLDER compiles
// with every TypeScript and resolution that are supported, and with the checks of declarations on. Prints TypeScript ×
// resolution, and fails on any gap. scripts/matrix.mjs prepares.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { capture, Failure, main } from "../scripts/run.mjs";
import { TYPESCRIPTS } from "../scripts/typescripts.mjs";

const RESOLUTIONS: Readonly<Record<string, readonly string[]>> = {
  node16: ["--module", "node16", "--moduleResolution", "node16"],
  nodenext: ["--module", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
  node10: ["--module", "commonjs", "--moduleResolution", "node10", "--esModuleInterop"],
};

/** fast-check's own types are for resolutions that know `exports`. */
const NOT_FOR_NODE10 = ["@connectum/testing/arbitrary"];

const folder = resolve(process.argv[2] ?? "");

main(async () => {
  const rows: string[][] = [];
  const complaints: string[] = [];
  for (const [name, hasNode10] of TYPESCRIPTS) {
    const row = [`TypeScript ${name}`];
    for (const [resolution, flags] of Object.entries(RESOLUTIONS)) {
      if (resolution === "node10" && !hasNode10) {
        row.push("—");
        continue;
      }
      const said = await compile(name, flags);
      row.push(said === "" ? "yes" : "NO");
      if (said !== "")
        complaints.push(`TypeScript ${name}, ${resolution}:\n${said.split("\n").slice(0, 10).join("\n")}`);
    }
    rows.push(row);
    console.log(row.join("  "));
  }
  const head = ["", ...Object.keys(RESOLUTIONS)];
  console.log(`\n${[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")}`);
  if (complaints.length > 0) throw new Failure(`${complaints.length} do not compile.\n${complaints.join("\n")}`);
  console.log("every entry point compiles with every TypeScript");
});

/** What the compiler says about the program: nothing, if it is right. */
async function compile(version: string, flags: readonly string[]): Promise<string> {
  const compiler = join(folder, "node_modules", `typescript-${version}`, "bin", "tsc");
  const isOld = flags.includes("node10");
  const specifiers = entryPoints().filter((specifier) => !isOld || !NOT_FOR_NODE10.includes(specifier));
  writeFileSync(join(folder, "program.ts"), programOf(specifiers));
  // Of its own, or the compiler finds that of this repository.
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ files: ["program.ts"] }));
  // From 6 on node10 is deprecated.
  const old = Number.parseInt(version, 10) === 6 && isOld ? ["--ignoreDeprecations", "6.0"] : [];
  const strict = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2022", "--types", "node"];
  const { code, stdout, stderr } = await capture(
    process.execPath,
    [compiler, "--project", ".", ...strict, ...flags, ...old],
    {
      cwd: folder,
    },
  );
  return code === 0 ? "" : stdout || stderr;
}

/** The specifiers of everything that our packages export. */
function entryPoints(): string[] {
  const scope = join(folder, "node_modules", "@connectum");
  return readdirSync(scope).flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(scope, name, "package.json"), "utf8"));
    return Object.keys(exports ?? {}).map((path) => `@connectum/${name}${path.slice(1)}`);
  });
}

/** An import without types would be `any`, to which everything is assignable. */
function programOf(specifiers: readonly string[]): string {
  const lines = specifiers.flatMap((specifier, index) => [
    `import * as module${index} from "${specifier}";`,
    `const isAny${index}: IsAny<typeof module${index}> = false;`,
  ]);
  return [
    "type IsAny<T> = 0 extends 1 & T ? true : false;",
    ...lines,
    `export const all = [${specifiers.map((_, index) => `isAny${index}, module${index}`).join(", ")}];`,
  ].join("\n");
}
