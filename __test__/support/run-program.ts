// Runs a client program that ends by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { Code, ConnectError } from "@connectrpc/connect";

/** Output and exit code of a program. */
export interface ProgramOutput {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs a program with `input` as its standard input. The signal interrupts it, like Ctrl-C in a terminal; then this
 * rejects with `canceled`. Its environment is ours unless one is given.
 */
export async function runProgram(
  command: string,
  args: string[],
  input: string | Uint8Array,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProgramOutput> {
  const child = spawn(command, args, { stdio: "pipe", env });
  signal.addEventListener("abort", () => child.kill("SIGINT"));
  // It may end before it has read everything.
  child.stdin.on("error", () => {}).end(input);
  const [[code], stdout, stderr] = await Promise.all([once(child, "close"), buffer(child.stdout), text(child.stderr)]);
  if (signal.aborted) throw new ConnectError(`${command} was interrupted`, Code.Canceled);
  return { code: Number(code), stdout, stderr };
}
