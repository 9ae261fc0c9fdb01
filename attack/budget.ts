// Whether a server has given back what it held for its clients: calls that together need almost all of it.
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { certificate } from "../__test__/support/certificates.ts";
import { echoRequest } from "../__test__/support/echo-request.ts";
import { openCall } from "../__test__/support/grpc-session.ts";
import { MIB } from "./calls.ts";

/** `maxBufferedBytes` of the attacked servers. */
export const BUDGET = 64 * MIB;

/** Less than a quarter of the budget on each connection, and nine tenths of it in all. */
const CONNECTIONS = 5;
const CALLS = 3;
const message = echoRequest({ payload: new Uint8Array(3.9 * MIB) });

/** A gRPC status for each call. They are `0` if a server has its whole budget. */
export async function fillBudget(port: number, secure: boolean): Promise<readonly string[]> {
  const tls = { ca: certificate("ca.crt"), servername: "localhost" };
  const sessions = Array.from({ length: CONNECTIONS }, () =>
    connect(`${secure ? "https" : "http"}://127.0.0.1:${port}`, secure ? tls : {}),
  );
  try {
    for (const session of sessions) session.on("error", () => {}); // Its calls fail, and say so.
    const calls = sessions.flatMap((session) => Array.from({ length: CALLS }, () => new HeldCall(session)));
    await Promise.all(calls.map((call) => call.held));
    return await Promise.all(calls.map((call) => call.complete()));
  } finally {
    for (const session of sessions) session.destroy();
  }
}

/** A call whose last byte is sent when all others have sent theirs. */
class HeldCall {
  readonly #stream;
  readonly #closed: Promise<unknown>;
  #status: unknown;
  /** Resolves when all but the last byte has been sent, or the call has ended. */
  readonly held: Promise<unknown>;

  constructor(session: ClientHttp2Session) {
    this.#stream = openCall(session, "Echo");
    const read = (fields: IncomingHttpHeaders) => {
      this.#status = fields["grpc-status"] ?? this.#status;
    };
    this.#stream.on("response", read).on("trailers", read).resume();
    this.#closed = new Promise((settle) => this.#stream.once("close", settle));
    const written = new Promise((settle) => this.#stream.write(message.subarray(0, -1), settle));
    this.held = Promise.race([written, this.#closed]);
  }

  async complete(): Promise<string> {
    if (!this.#stream.closed) this.#stream.end(message.subarray(-1));
    await this.#closed;
    return String(this.#status ?? `no status, code ${this.#stream.rstCode}`);
  }
}
