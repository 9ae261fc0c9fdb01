// The bystander: a client that behaves. It makes small gRPC calls at a fixed rate over one HTTP/2 connection.
import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { certificate } from "../../__test__/support/certificates.ts";
import { echoRequest } from "../../__test__/support/echo-request.ts";
import { openCall } from "../../__test__/support/grpc-session.ts";
import { answerQuestions } from "../answers.ts";
import { BYSTANDER } from "../server-texts.ts";

/** A call that has no response by then counts as failed. */
const MAX_MS = 10_000;

/** What a bystander saw. */
export interface Calls {
  /** Milliseconds of each call. */
  readonly latencies: readonly number[];
  /** Outcomes other than success, with their number: a gRPC status, or an error. */
  readonly failures: Readonly<Record<string, number>>;
}

const message = echoRequest({ text: BYSTANDER });
let session: ClientHttp2Session | undefined;
let measurement: Measurement | undefined;

answerQuestions({
  async connect({ port, secure }: { readonly port: number; readonly secure: boolean }) {
    const tls = { ca: certificate("ca.crt"), servername: "localhost" };
    session = connect(`${secure ? "https" : "http"}://127.0.0.1:${port}`, secure ? tls : {});
    // Its calls fail, and say so.
    session.on("error", () => {});
    await once(session, "remoteSettings");
  },
  begin(perSecond: number) {
    if (session === undefined) throw new Error("connect first");
    measurement = new Measurement(session, perSecond);
  },
  async end(): Promise<Calls | undefined> {
    return measurement?.end();
  },
  disconnect: () => session?.destroy(),
});

/** Calls at a fixed rate, whether or not those before were answered. */
class Measurement {
  readonly #session: ClientHttp2Session;
  readonly #calls: Promise<void>[] = [];
  readonly #latencies: number[] = [];
  readonly #failures: Record<string, number> = {};
  readonly #timer: NodeJS.Timeout;

  constructor(session: ClientHttp2Session, perSecond: number) {
    this.#session = session;
    const start = performance.now();
    this.#timer = setInterval(() => {
      // As many as are due: timers are late on a busy machine.
      const due = ((performance.now() - start) * perSecond) / 1_000;
      while (this.#calls.length < due) this.#calls.push(this.#call());
    }, 1_000 / perSecond);
  }

  async end(): Promise<Calls> {
    clearInterval(this.#timer);
    await Promise.all(this.#calls);
    return { latencies: this.#latencies, failures: this.#failures };
  }

  async #call(): Promise<void> {
    const start = performance.now();
    const outcome = await outcomeOf(this.#session).catch((error: unknown) => String(error));
    this.#latencies.push(performance.now() - start);
    if (outcome !== "0") this.#failures[outcome] = (this.#failures[outcome] ?? 0) + 1;
  }
}

/** The gRPC status of one call, or how it failed. */
async function outcomeOf(session: ClientHttp2Session): Promise<string> {
  const stream = openCall(session, "Echo");
  let status: unknown;
  const read = (fields: IncomingHttpHeaders) => {
    status = fields["grpc-status"] ?? status;
  };
  stream.on("response", read).on("trailers", read).resume();
  const timer = setTimeout(() => stream.close(), MAX_MS);
  stream.end(message);
  await once(stream, "close");
  clearTimeout(timer);
  return String(status ?? `no status, code ${stream.rstCode}`);
}
