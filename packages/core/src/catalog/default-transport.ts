// The transport to a base URL, where the application gives none: gRPC over HTTP/2, by @connectrpc/connect-node. The
// package is optional, and loaded by the first call.
import { Code, ConnectError, type StreamResponse, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { shown } from "@connectum/hooks";

type ConnectNode = Pick<typeof import("@connectrpc/connect-node"), "createGrpcTransport" | "Http2SessionManager">;

const CLOSE = Symbol("connectum.close");
const BASE_URL = Symbol("connectum.baseUrl");

/** What a transport of {@link defaultTransport} has in addition. */
interface OwnTransport {
  /** Closes its connection. Calls in flight fail. */
  [CLOSE](): void;
  readonly [BASE_URL]: string;
}

/**
 * A gRPC transport with a connection of its own, which is opened by the first call.
 *
 * @throws TypeError for a text that is no URL of a server
 */
export function defaultTransport(baseUrl: string): Transport {
  if (!isServerUrl(baseUrl)) {
    throw new TypeError(`${shown(baseUrl)} is no URL of a server, such as "http://orders.default.svc:5000"`);
  }
  return new LazyTransport(baseUrl);
}

function isServerUrl(text: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** Closes the connection of a transport, if {@link defaultTransport} made it. One that was given is left alone. */
export function closeTransport(transport: Transport): void {
  (transport as Partial<OwnTransport>)[CLOSE]?.();
}

/** The base URL of a transport, if {@link defaultTransport} made it. */
export function baseUrlOf(transport: Transport): string | undefined {
  return (transport as Partial<OwnTransport>)[BASE_URL];
}

class LazyTransport implements Transport, OwnTransport {
  readonly [BASE_URL]: string;
  #loading: Promise<Transport> | undefined;
  #close: (() => void) | undefined;
  #isClosed = false;

  constructor(baseUrl: string) {
    this[BASE_URL] = baseUrl;
  }

  // The types of the messages are those of the method, which the client has chosen.

  unary = async (...given: Parameters<Transport["unary"]>): Promise<never> =>
    (await this.#load()).unary(...given) as Promise<UnaryResponse> as Promise<never>;

  stream = async (...given: Parameters<Transport["stream"]>): Promise<never> =>
    (await this.#load()).stream(...given) as Promise<StreamResponse> as Promise<never>;

  [CLOSE](): void {
    this.#isClosed = true;
    this.#close?.();
  }

  async #load(): Promise<Transport> {
    this.#loading ??= this.#open();
    const transport = await this.#loading;
    if (this.#isClosed) throw stopped();
    return transport;
  }

  async #open(): Promise<Transport> {
    const { createGrpcTransport, Http2SessionManager } = await loadConnectNode();
    const sessionManager = new Http2SessionManager(this[BASE_URL]);
    this.#close = () => sessionManager.abort(stopped());
    return createGrpcTransport({ baseUrl: this[BASE_URL], sessionManager });
  }
}

function stopped(): ConnectError {
  return new ConnectError("the server has stopped", Code.Unavailable);
}

async function loadConnectNode(): Promise<ConnectNode> {
  try {
    return await import("@connectrpc/connect-node");
  } catch (error) {
    const right = "Install it (npm install @connectrpc/connect-node), or give the resolver a createTransport";
    throw new ConnectError(
      `calls to other servers need the package @connectrpc/connect-node. ${right}.`,
      Code.FailedPrecondition,
      undefined,
      undefined,
      error,
    );
  }
}
