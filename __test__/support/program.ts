// Runs a program of the tests, or an example, in its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** The end of a program. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All lines of its standard output. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** A program that was started. */
export interface Program {
  /** The lines of its standard output so far. */
  readonly lines: readonly string[];
  /** Resolves to the first matching line of its standard output, already printed or not. */
  line(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

/** Starts `__test__/programs/<name>.ts`; it is killed if it outlives its test. */
export function startProgram(t: TestContext, name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  return startFile(t, fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url)), args, env);
}

/** Starts `examples/<name>.ts`; it is killed if it outlives its test. */
export function startExample(t: TestContext, name: string, env: NodeJS.ProcessEnv = {}, args: string[] = []): Program {
  return startFile(t, fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url)), args, env);
}

/** Starts a file of TypeScript; it is killed if it outlives its test. */
export function startFile(t: TestContext, file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines: string[] = [];
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const reader = createInterface(child.stdout).on("line", (line) => lines.push(line));
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal, lines, stderr }) as Exit);
  return {
    lines,
    async line(pattern) {
      for (;;) {
        const line = lines.find((candidate) => pattern.test(candidate));
        if (line !== undefined) return line;
        const news = await Promise.race([once(reader, "line"), exited]);
        if (!Array.isArray(news)) throw new Error(`${file} ended without a line like ${pattern}:\n${news.stderr}`);
      }
    },
    kill: (signal) => void child.kill(signal),
    exited,
  };
}
