// The HTTP/2 connection of a client. connect-node's own manager throws outside of any call when it is closed while its
// server says goodbye, which would end the soak.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";

/** One connection at a time; a new one when the last has gone. */
export class Http2Session {
  readonly authority: string;
  readonly #ca: string;
  #session: ClientHttp2Session | undefined;

  constructor(url: string, ca: string) {
    this.authority = new URL(url).origin;
    this.#ca = ca;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: ClientSessionRequestOptions,
  ): Promise<ClientHttp2Stream> {
    return this.#open().request({ ...headers, ":method": method, ":path": path }, options);
  }

  /** For managers that send pings. */
  notifyResponseByteRead(): void {}

  /** Closes the connection at once. Its calls fail; without an error connect-node would wait for some of them. */
  close(): void {
    this.#session?.destroy(new Error("the client goes away"), constants.NGHTTP2_CANCEL);
  }

  #open(): ClientHttp2Session {
    // `closed` is also true for one whose server has said goodbye, and that still serves its calls.
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      // Node refuses new calls while a session holds more MiB than that; by default 10, a few large messages.
      this.#session = connect(this.authority, { ca: this.#ca, maxSessionMemory: 200 });
      // Its streams have errors of their own, which end their calls.
      this.#session.on("error", () => {});
    }
    return this.#session;
  }
}
