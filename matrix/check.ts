// What a check is, and what it has to work with.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Runtime } from "../scripts/runtime.mjs";

/** A row of the matrix. */
export interface Check {
  readonly name: string;
  /** Runtimes that have nothing to check here. */
  readonly notOn?: readonly string[];
  /** What a runtime cannot do whatever we do, by its name. The check leaves that out there. */
  readonly faults?: Readonly<Record<string, string>>;
  /** @throws what is wrong */
  run(place: Place): Promise<void>;
}

/** Where a check runs programs. */
export interface Place {
  readonly runtime: Runtime;
  /** Of the installed packages, with the programs in `programs`. */
  readonly folder: string;
  /** Fewer repetitions. */
  readonly isQuick: boolean;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** That it prints, if it is a server. */
  readonly port: Promise<number>;
  /** What it has written so far. */
  output(): string;
  /** How it ended: its exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

const MOST_MS = 120_000;

/**
 * Starts a program of `programs`. It is killed after two minutes.
 * @param flags of the runtime; default: all permissions
 * @param env variables beside those of this process
 */
export function start(
  { runtime, folder }: Place,
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = flagsOf(runtime),
  env: NodeJS.ProcessEnv = {},
): Running {
  const child = spawn(runtime.program, [...flags, join("programs", name), ...args], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: MOST_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([code, signal]): number | NodeJS.Signals => signal ?? code);
  const lines = createInterface(child.stdout);
  const port = new Promise<number>((resolve, reject) => {
    lines.on("line", (line) => {
      const [, found] = /^port (\d+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${shortened(output)}`)));
  });
  port.catch(() => {}); // Not every program is a server.
  return { child, port, output: () => output, ended };
}

/** The programs are JavaScript, so Node needs no loader. */
function flagsOf({ name, flags }: Runtime): readonly string[] {
  return name.startsWith("Node") ? [] : flags;
}

/** Runs a program that ends by itself with 0, and returns what it wrote. */
export async function runProgram(
  place: Place,
  name: string,
  args?: readonly string[],
  flags?: readonly string[],
): Promise<string> {
  const running = start(place, name, args, flags);
  running.child.stdin?.end();
  const code = await running.ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${shortened(running.output())}`);
  return running.output();
}

/** Runs the server with everything while `use` calls it, and kills it. */
export function withServer(
  place: Place,
  args: readonly string[],
  use: (port: number, server: Running) => Promise<void>,
): Promise<void> {
  return withProgram(place, "server.js", args, use);
}

/** Runs a program that is a server while `use` calls it, and kills it. */
export async function withProgram(
  place: Place,
  name: string,
  args: readonly string[],
  use: (port: number, server: Running) => Promise<void>,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const server = start(place, name, args, undefined, env);
  try {
    await use(await server.port, server);
  } finally {
    server.child.kill("SIGKILL");
    await server.ended;
  }
}

function shortened(text: string): string {
  const lines = text.trim().split("\n");
  const wrong = lines.findIndex((line) => /error|panic/i.test(line));
  return lines.slice(Math.max(0, wrong), Math.max(0, wrong) + 4).join(" | ");
}
