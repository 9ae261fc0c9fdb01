// One of the two servers, in its own process: some requests end it, which is compared like a response.
import { setTimeout as sleep } from "node:timers/promises";
import { exchangeHttp1, http1Request, type RawAnswer, type RawRequest } from "../support/raw-http1.ts";
import { exchangeHttp2 } from "../support/raw-http2.ts";
import { type Answer, answerOf } from "./answer.ts";
import type { Configuration } from "./configuration.ts";
import type { HttpVersion, ParityCase } from "./parity-case.ts";
import { pathOf } from "./request.ts";

/** A server as a process, `ServerProcess` of the scripts. */
interface Running {
  readonly url: string;
  /** Settles when the process has ended. */
  readonly exited: Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** Starts a program of this repository that prints its address; `startServer` of the scripts. */
export type StartServer = (file: string, args: string[]) => Promise<Running>;

/** Longer than any handler of the table takes. */
const NO_ANSWER_MS = 2_000;

/** Longer than a process needs to respond or end on a busy machine. */
const NO_SIGN_OF_LIFE_MS = 30_000;

const died: Answer = new Map([["end", "process died"]]);

export class ServerUnderTest {
  readonly #start: () => Promise<Running>;
  #running: Running | undefined;

  constructor(start: StartServer, program: string, configuration: Configuration) {
    this.#start = () => start(`__test__/parity/servers/${program}.ts`, [configuration]);
  }

  /** The response to one request, whatever happened to earlier ones. */
  async answer(row: ParityCase, version: HttpVersion): Promise<Answer> {
    this.#running ??= await this.#start();
    const { url, exited } = this.#running;
    const ports = portsOf(url);
    const raw = await send(row, version, ports[version]);
    if (await survives(ports["1.1"], exited)) return answerOf(raw);
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

/**
 * Whether a process survives a request. A process that ends closes its connections first and its port last, on a busy
 * machine some time later, so an open port proves nothing. But it answers no other request, so one more is sent: either
 * it is answered, or the process ends. Otherwise the next request would be sent to the ending process.
 */
async function survives(port: number, exited: Promise<unknown>): Promise<boolean> {
  const { status } = await exchangeHttp1(port, http1Request(ANY_REQUEST), { timeoutMs: NO_SIGN_OF_LIFE_MS });
  if (status !== undefined) return true;
  const late = new AbortController();
  const isLate = sleep(NO_SIGN_OF_LIFE_MS, true, { signal: late.signal }).catch(() => false);
  if (await Promise.race([exited.then(() => false), isLate])) {
    throw new Error(`the server on port ${port} neither answers nor ends`);
  }
  late.abort();
  return false;
}

/** A call that reaches the handlers, in whose thread errors happen. */
const ANY_REQUEST: RawRequest = {
  method: "POST",
  target: pathOf("Echo"),
  headers: [
    ["host", "localhost"],
    ["content-type", "application/json"],
    ["connect-protocol-version", "1"],
  ],
  body: Buffer.from("{}"),
};
