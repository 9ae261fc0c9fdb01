// The process of the servers under load, and what it can be asked.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Addresses, Answer, Command, Inventory, MomentOptions, Question, Stopped } from "./server/commands.ts";

/**
 * Allocators and engine give back at once what is free: RSS then is what is held, not what they keep for later. That
 * alone made a quarter more or less from one sample to the next.
 */
const THRIFTY = {
  execArgv: ["--max-semi-space-size=2"],
  env: {
    MIMALLOC_PURGE_DELAY: "0",
    MALLOC_ARENA_MAX: "2",
    MALLOC_MMAP_THRESHOLD_: "65536",
    MALLOC_TRIM_THRESHOLD_: "65536",
  },
};

const PROGRAM = fileURLToPath(new URL("server/program.ts", import.meta.url));

/** The longest that an answer may take: that of a stop, on a busy machine. */
const ANSWER_MS = 60_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #addresses: Addresses = { clear: "", secure: "" };

  private constructor(faults: string) {
    this.#child = fork(PROGRAM, [faults], {
      execArgv: ["--import", "tsx", "--expose-gc", ...THRIFTY.execArgv],
      env: { ...process.env, ...THRIFTY.env },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (answer: Answer) => this.#settle(answer));
    this.#child.on("exit", (code, signal) => this.#fail(`the server ended by itself: ${code ?? signal}`));
  }

  /** Starts it, and waits until its servers listen. */
  static async start(faults: string): Promise<ServerProcess> {
    const process = new ServerProcess(faults);
    process.#addresses = (await process.#answer(0)) as Addresses;
    return process;
  }

  get addresses(): Addresses {
    return this.#addresses;
  }

  inventory(): Promise<Inventory> {
    return this.#ask({ name: "inventory" }) as Promise<Inventory>;
  }

  /** Starts a server that lives for a moment; resolves to its address. */
  startMoment(options: MomentOptions): Promise<string> {
    return this.#ask({ name: "start", options }) as Promise<string>;
  }

  stopMoment(): Promise<Stopped> {
    return this.#ask({ name: "stop" }) as Promise<Stopped>;
  }

  /** Stops the two servers that live as long as the process. */
  end(): Promise<Stopped> {
    return this.#ask({ name: "end" }) as Promise<Stopped>;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #ask(command: Command): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = this.#answer(id);
    this.#child.send({ id, command } satisfies Question);
    return answer;
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = () => this.#settle({ id, error: `the server's process did not answer within ${ANSWER_MS} ms` });
      const timer = setTimeout(late, ANSWER_MS);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
    });
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value);
  }

  #fail(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, error: why });
  }
}
