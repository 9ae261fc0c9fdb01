// One of the two servers, in a process of its own: some requests end it, which is an answer like any other.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { exchangeHttp1, http1Request, type RawAnswer } from "../support/raw-http1.ts";
import { exchangeHttp2 } from "../support/raw-http2.ts";
import { type Answer, answerOf } from "./answer.ts";
import type { Configuration } from "./configuration.ts";
import type { HttpVersion, ParityCase } from "./parity-case.ts";

/** Starts a program of this repository that prints its address; `startServer` of the scripts. */
export type StartServer = (file: string, args: string[]) => Promise<{ url: string; stop: () => Promise<void> }>;

/** Longer than any handler of the table takes. */
const NO_ANSWER_MS = 2_000;

const died: Answer = new Map([["end", "process died"]]);

export class ServerUnderTest {
  readonly #start: () => ReturnType<StartServer>;
  #running: Awaited<ReturnType<StartServer>> | undefined;

  constructor(start: StartServer, program: string, configuration: Configuration) {
    this.#start = () => start(`__test__/parity/servers/${program}.ts`, [configuration]);
  }

  /** The answer to one request, whatever became of the ones before. */
  async answer(row: ParityCase, version: HttpVersion): Promise<Answer> {
    this.#running ??= await this.#start();
    const ports = portsOf(this.#running.url);
    const raw = await send(row, version, ports[version]);
    if (await isListening(ports[version])) return answerOf(raw);
    this.#running = undefined;
    return died;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }
}

function send({ request, hangUp = false }: ParityCase, version: HttpVersion, port: number): Promise<RawAnswer> {
  const options = { timeoutMs: NO_ANSWER_MS, hangUp };
  if (request instanceof Uint8Array) return exchangeHttp1(port, request, options);
  if (version === "2") return exchangeHttp2(port, request, options);
  const { authority = `127.0.0.1:${port}`, headers } = request;
  const host = authority === null ? [] : [["host", authority] as const];
  return exchangeHttp1(port, http1Request({ ...request, headers: [...host, ...headers] }), options);
}

function portsOf(url: string): Record<HttpVersion, number> {
  const { port, searchParams } = new URL(url);
  return { "1.1": Number(port), "2": Number(searchParams.get("http2")) };
}

/** A process that is about to end closes its connections one after the other, so a refusal may be a moment away. */
async function isListening(port: number): Promise<boolean> {
  await sleep(2);
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const finish = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => finish(true)).once("error", () => finish(false));
  });
}
