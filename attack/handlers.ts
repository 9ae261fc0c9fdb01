// The handlers of the attacked server. They count what they start and what they end.
import { randomBytes } from "node:crypto";
import type { EchoImpl } from "../__test__/support/echo-calls.ts";
import { BIG, BYSTANDER, STAND, WAIT } from "./server-texts.ts";

const noise = randomBytes(8 * 1024 * 1024);

/** What the handlers say about themselves, without those of the client that behaves. */
export interface HandlerFigures {
  readonly started: number;
  /** Handlers that have not ended, by method. */
  readonly running: Readonly<Record<string, number>>;
}

export class CountedHandlers {
  #started = 0;
  readonly #running = new Map<string, number>();

  figures(): HandlerFigures {
    return { started: this.#started, running: Object.fromEntries([...this.#running].filter(([, count]) => count > 0)) };
  }

  readonly all: EchoImpl = {
    echo: ({ text }, { signal }) =>
      this.#count("Echo", text, async () => {
        if (text === WAIT) await aborted(signal);
        return text.startsWith(BIG) ? { payload: noise.subarray(0, Number(text.slice(BIG.length))) } : { text };
      }),
    echoGet: ({ text }) => this.#count("EchoGet", text, async () => ({ text })),
    echoClientStream: (requests) =>
      this.#count("EchoClientStream", "", async () => {
        let count = 0;
        for await (const _ of requests) count += 1;
        return { text: `${count}` };
      }),
    echoServerStream: ({ text, count, payload }, { signal }) =>
      this.#countStream("EchoServerStream", async function* () {
        for (let index = 0; index < count; index += 1) yield { index, payload };
        if (text === WAIT) await aborted(signal);
      }),
    echoBidiStream: (requests, { signal }) =>
      this.#countStream("EchoBidiStream", async function* () {
        for await (const { text } of requests) {
          if (text === STAND) await aborted(signal);
          yield { text };
        }
      }),
  };

  async #count<T>(method: string, text: string, work: () => Promise<T>): Promise<T> {
    if (text === BYSTANDER) return work();
    this.#started += 1;
    this.#change(method, 1);
    try {
      return await work();
    } finally {
      this.#change(method, -1);
    }
  }

  async *#countStream<T>(method: string, work: () => AsyncGenerator<T>): AsyncGenerator<T> {
    this.#started += 1;
    this.#change(method, 1);
    try {
      yield* work();
    } finally {
      this.#change(method, -1);
    }
  }

  #change(method: string, by: number): void {
    this.#running.set(method, (this.#running.get(method) ?? 0) + by);
  }
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}
