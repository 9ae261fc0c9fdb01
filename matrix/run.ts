// node --import tsx matrix/run.ts [--quick] FOLDER RUNTIME...: the checks, for each runtime. Its packages are installed
// in FOLDER/npm, FOLDER/bun or FOLDER/deno by scripts/matrix.mjs. Prints runtime × check, and fails on any gap.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure, main } from "../scripts/run.mjs";
import { provide } from "../scripts/runtime.mjs";
import type { Check, Place } from "./check.ts";
import { CHECKS } from "./checks.ts";

const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const [folder = "", ...names] = positionals;

main(async () => {
  const columns = new Map<string, Map<Check, string | undefined>>();
  for (const name of names) {
    const runtime = await provide(name);
    const manager = name.startsWith("node") ? "npm" : name;
    const place: Place = { runtime, folder: join(folder, manager), isQuick: values.quick === true };
    const column = new Map<Check, string | undefined>();
    columns.set(runtime.name, column);
    for (const check of CHECKS) {
      if (check.notOn?.includes(runtime.name)) continue;
      const fault = await check.run(place).then(() => undefined, describe);
      column.set(check, fault);
      console.log(`${runtime.name.padEnd(8)} ${check.name.padEnd(36)} ${fault ?? "ok"}`);
    }
  }
  console.log(`\n${table(columns)}`);
  const gaps = [...columns.values()].flatMap((column) => [...column.values()]).filter((fault) => fault !== undefined);
  if (gaps.length > 0) throw new Failure(`${gaps.length} checks failed.`);
  console.log("every check passed on every runtime");
});

/** Markdown: a row for each check, a column for each runtime; then the faults of runtimes. */
function table(columns: ReadonlyMap<string, ReadonlyMap<Check, string | undefined>>): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const runtimes = [...columns];
  const faults = CHECKS.flatMap((check) =>
    runtimes.flatMap(([name]) => (check.faults?.[name] ? [`- ${name}, ${check.name}: ${check.faults[name]}.`] : [])),
  );
  return [
    row(["", ...runtimes.map(([name]) => name)]),
    row(["---", ...runtimes.map(() => "---")]),
    ...CHECKS.map((check) =>
      row([check.name, ...runtimes.map(([name, faults]) => cellOf(check, name, faults.get(check)))]),
    ),
    ...(faults.length > 0 ? ["", ...faults] : []),
  ].join("\n");
}

function cellOf({ notOn, faults }: Check, runtime: string, fault: string | undefined): string {
  if (notOn?.includes(runtime)) return "—";
  if (fault !== undefined) return "NO";
  return faults?.[runtime] === undefined ? "yes" : "yes, but for a fault of its own";
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.split("\n").slice(0, 6).join(" | ") : String(error);
}
