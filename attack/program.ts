// A program in a process of its own that answers questions: the server, the attacker, the bystander.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Failure, root } from "../scripts/run.mjs";
import type { Answer, Question } from "./answers.ts";

/** A program that has not answered by then hangs. */
const MAX_ANSWER_MS = 120_000;
/** A program that has not ended by then, after a signal, does not end. */
const MAX_EXIT_MS = 20_000;
/** What a program writes before it crashes. */
const LAST_WORDS = /^.*(?:FATAL ERROR|panicked at|memory allocation of).*$/m;
const KEPT_CHARACTERS = 100_000;

/** It ends no later than this process. */
export class Program {
  readonly #file: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Omit<Answer, "id">) => void>();
  readonly #exited: Promise<string>;
  #exit: string | undefined;
  #asked = 0;
  #stderr = "";

  /**
   * @param file from the root of the repository
   * @param flags of Node
   */
  constructor(file: string, args: readonly string[] = [], flags: readonly string[] = []) {
    this.#file = file;
    this.#child = fork(join(root, file), args, {
      cwd: root,
      execArgv: [...flags, ...(file.endsWith(".ts") ? ["--import", "tsx"] : [])],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const kill = () => void this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_CHARACTERS);
    });
    this.#child.on("message", ({ id, ...answer }: Answer) => this.#settle(id, answer));
    // Not "exit": what it has written is there by then.
    this.#exited = once(this.#child, "close").then(([code, signal]: (number | string | null)[]) => {
      process.off("exit", kill);
      const words = LAST_WORDS.exec(this.#stderr)?.[0].trim();
      const exit = `${code ?? signal}${code !== 0 && words !== undefined ? ` (${words})` : ""}`;
      this.#exit = exit;
      for (const id of this.#waiting.keys()) this.#settle(id, { error: `${file} ended with ${exit}` });
      return exit;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it has ended, `0` or else; undefined while it runs. */
  get exit(): string | undefined {
    return this.#exit;
  }

  async ask<T>(name: string, details?: unknown): Promise<T> {
    if (this.#exit !== undefined) throw new Failure(`${this.#file} has ended with ${this.#exit}.`);
    this.#asked += 1;
    const question: Question = { id: this.#asked, name, details };
    const { answer, error } = await new Promise<Omit<Answer, "id">>((resolve) => {
      const late = setTimeout(() => this.#settle(question.id, { error: "no answer in time" }), MAX_ANSWER_MS);
      this.#waiting.set(question.id, (settled) => {
        clearTimeout(late);
        resolve(settled);
      });
      // When it has just ended, its end is the answer.
      this.#child.send(question, () => {});
    });
    if (error !== undefined) throw new Failure(`${this.#file}, ${name}: ${error}.`);
    return answer as T;
  }

  /** Sends a signal, and waits for the end, see `exit`; it is killed when that takes too long. */
  async end(signal: NodeJS.Signals): Promise<string> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), MAX_EXIT_MS);
    this.#child.kill(signal);
    const exit = await this.#exited;
    clearTimeout(late);
    return exit;
  }

  #settle(id: number, answer: Omit<Answer, "id">): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}
