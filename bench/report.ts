// The table: for the terminal, and for docs/performance.md.
import { Failure } from "../scripts/run.mjs";
import { type Case, messagesPerCall } from "./case.ts";
import type { Result } from "./results.ts";

/**
 * One case's table in Markdown, its columns aligned.
 * @param figure what is compared
 */
export function tableOf(results: readonly Result[], figure = "CPU µs a call"): string {
  const columns = ["server", figure, "to ours", "calls/s", "p50 µs", "p99 µs", "RSS MiB", "target", "it is"];
  const rows = results.map(cellsOf);
  const widths = columns.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], pad = " ") =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0, pad) : cell.padStart(widths[column] ?? 0, pad))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(columns), rule, ...rows.map((row) => line(row))].join("\n");
}

/** A heading that says what a call is. */
export function titleOf(subject: Case): string {
  const messages = messagesPerCall(subject);
  return messages === 1 ? subject.title : `${subject.title} (a thousandth of a figure is that of a message)`;
}

/** Which targets are not met, a line each; and how many are. */
export function verdictOf(results: readonly Result[]): string {
  const judged = results.filter(({ target }) => target !== null);
  const missed = judged.filter(({ target }) => target?.met === false);
  const lines = missed.map(
    (one) => `- ${one.case}: ${one.target?.text}; it is ${digits(one.target?.value ?? Number.NaN)}`,
  );
  return [`${judged.length - missed.length} of ${judged.length} targets met.`, ...lines].join("\n");
}

function cellsOf({ server, figure, ratio, target, calls_per_s, p50_us, p99_us, rss_mib }: Result): string[] {
  return [
    server,
    `${digits(figure.median)}${range(figure)}`,
    ratio === null ? (server === "connectum" ? "1" : "") : `${digits(ratio.median)}${range(ratio)}`,
    ...[calls_per_s, p50_us, p99_us, rss_mib].map((value) => (value === null ? "" : whole(value))),
    target === null ? "" : target.text,
    target === null ? "" : `${digits(target.value)} ${target.met ? "met" : "NOT met"}`,
  ];
}

function range({ least, most }: { least: number; most: number }): string {
  return least === most ? "" : ` [${digits(least)}–${digits(most)}]`;
}

/** Three digits that count. */
export function digits(value: number): string {
  return value >= 100 ? whole(value) : value.toPrecision(3);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/**
 * A document with the tables of one engine in the place that is marked for them.
 * @param engine `node-20`, for example
 */
export function inDocument(document: string, engine: string, tables: string): string {
  const [begin, end] = [`<!-- begin ${engine} -->`, `<!-- end ${engine} -->`];
  const [before, rest = ""] = document.split(begin);
  const [, after] = rest.split(end);
  if (after === undefined)
    throw new Failure(`docs/performance.md has no place for ${engine}: "${begin}", then "${end}".`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
}
