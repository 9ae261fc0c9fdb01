// A process of a server: its start, and its end by SIGTERM.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Failure } from "../scripts/run.mjs";

const FILE = fileURLToPath(new URL("server.ts", import.meta.url));
const LISTENING = /^listening (\d+)$/;
/** Lines of hooks, and the last one. */
const END = /^(hook|stop)/;
/** From the start of the process until it listens, and from SIGTERM until it has ended, on a busy machine. */
const MOST_MS = 30_000;

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #closed: Promise<unknown>;
  #stderr = "";

  private constructor(port: number) {
    this.#child = spawn(process.execPath, ["--import", "tsx", FILE, `${port}`], { stdio: ["ignore", "pipe", "pipe"] });
    this.#closed = once(this.#child, "close");
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
  }

  /** Starts one, on any port if it is 0, and waits until it listens. */
  static async start(port: number): Promise<ServerProcess> {
    const server = new ServerProcess(port);
    const late = setTimeout(() => server.kill(), MOST_MS);
    const listening = new Promise<void>((resolve) => {
      createInterface({ input: server.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        server.#lines.push(line);
        if (LISTENING.test(line)) resolve();
      });
    });
    await Promise.race([listening, server.#closed]);
    clearTimeout(late);
    if (server.port !== undefined) return server;
    server.kill();
    throw new Failure(`a server did not start: ${server.#stderr}`);
  }

  /** Where it listens. */
  get port(): number | undefined {
    const [port] = this.#lines.flatMap((line) => LISTENING.exec(line)?.[1] ?? []);
    return port === undefined ? undefined : Number(port);
  }

  /** Stops it; resolves to what was wrong. */
  async stop(): Promise<string[]> {
    const late = setTimeout(() => this.kill(), MOST_MS);
    this.#child.kill("SIGTERM");
    await this.#closed;
    clearTimeout(late);
    const { exitCode, signalCode } = this.#child;
    const wrong = exitCode === 0 ? [] : [`a server ended with ${exitCode ?? signalCode} instead of 0`];
    const printed = this.#lines.filter((line) => END.test(line)).join(", ");
    // A hook runs after those that it depends on.
    const expected = "hook database, hook queue, stop";
    if (printed !== expected) wrong.push(`a server printed "${printed}" instead of "${expected}"`);
    if (this.#stderr !== "") wrong.push(`a server wrote to stderr: ${this.#stderr.split("\n")[0]}`);
    return wrong;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
