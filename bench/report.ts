// The report of a run, in the terminal and on the pages of bench/results: conditions, verdict, tables.
import { type Case, messagesPerCall } from "./case.ts";
import type { Result } from "./results.ts";

/** A run and its conditions, as bench/results stores them. */
export interface Run {
  /** ISO 8601, without the time. */
  readonly date: string;
  /** Name and version of Node and of each package measured. */
  readonly versions: readonly string[];
  /** The model of the CPU. */
  readonly machine: string | undefined;
  readonly rounds: number;
  /** CPU time of a server per round. */
  readonly seconds: number;
  readonly rows: readonly Result[];
}

/** One sentence: machine, versions, length of a round. */
export function conditionsOf({ machine, versions, rounds, seconds }: Omit<Run, "date" | "rows">): string {
  const length = `${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s of server CPU time each`;
  return `${machine}: ${versions.join(", ")}; ${length}. Figures are medians, with minimum and maximum in brackets.`;
}

/**
 * One case's table in Markdown, its columns aligned.
 * @param figure the heading of the column that is compared
 */
export function tableOf(results: readonly Result[], figure = "CPU µs per call"): string {
  const columns = ["server", figure, "× ours", "calls/s", "p50 µs", "p99 µs", "RSS MiB", "target", "measured"];
  const rows = results.map(cellsOf);
  const widths = columns.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], pad = " ") =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0, pad) : cell.padStart(widths[column] ?? 0, pad))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(columns), rule, ...rows.map((row) => line(row))].join("\n");
}

/** A heading that says how many messages a call has. */
export function titleOf(subject: Case): string {
  const messages = messagesPerCall(subject);
  return messages === 1 ? subject.title : `${subject.title} (divide by 1,000 for one message)`;
}

/** The number of targets met, then a line for each one missed. */
export function verdictOf(results: readonly Result[]): string {
  const judged = results.filter(({ target }) => target !== null);
  const missed = judged.filter(({ target }) => target?.met === false);
  const lines = missed.map(
    (one) => `- ${one.case}: ${one.target?.text}; measured ${digits(one.target?.value ?? Number.NaN)}`,
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

/** Three significant digits. */
export function digits(value: number): string {
  return value >= 100 ? whole(value) : value.toPrecision(3);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
