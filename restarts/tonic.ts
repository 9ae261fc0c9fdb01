// tonic's client, in a process of its own: restarts/tonic/main.rs.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { Failure } from "../scripts/run.mjs";
import type { Report } from "./report.ts";

/** Runs the program until the signal aborts. */
export async function tonic(program: string, port: number, signal: AbortSignal): Promise<Report> {
  const child = spawn(program, [`${port}`], { stdio: ["pipe", "pipe", "inherit"] });
  // It ends with its input.
  signal.addEventListener("abort", () => child.stdin.end(), { once: true });
  const output = await text(child.stdout);
  if (output === "") throw new Failure("tonic's client has ended without a report.");
  return JSON.parse(output);
}
