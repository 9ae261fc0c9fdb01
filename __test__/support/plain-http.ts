// Plain HTTP requests over both versions, by Node's own clients.
import { once } from "node:events";
import { request as requestHttp1 } from "node:http";
import { connect } from "node:http2";
import { request as requestHttps } from "node:https";

/** Sends a request; the body is sent in the given pieces. */
export interface PlainRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: readonly Uint8Array[];
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trailers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One HTTP version, in plaintext or over TLS. */
export interface PlainClient {
  readonly name: string;
  readonly httpVersion: "1.1" | "2.0";
  readonly secure: boolean;
  /** @param ca the authority of a server with TLS */
  send(port: number, request: PlainRequest, ca?: string): Promise<PlainAnswer>;
}

export const plainClients: readonly PlainClient[] = [
  { name: "HTTP/1.1", httpVersion: "1.1", secure: false, send: sendHttp1 },
  { name: "HTTP/2", httpVersion: "2.0", secure: false, send: sendHttp2 },
  { name: "HTTP/1.1 over TLS", httpVersion: "1.1", secure: true, send: sendHttp1 },
  { name: "HTTP/2 over TLS", httpVersion: "2.0", secure: true, send: sendHttp2 },
];

async function sendHttp1(port: number, { method = "GET", path, headers = {}, body }: PlainRequest, ca?: string) {
  const options = { host: "localhost", port, method, path, headers, agent: false as const };
  const request = ca === undefined ? requestHttp1(options) : requestHttps({ ...options, ca });
  for (const piece of body ?? []) request.write(piece);
  request.end();
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { headers: answered, trailers, statusCode = 0 } = response;
  return { status: statusCode, headers: answered, trailers, body: Buffer.concat(chunks).toString() };
}

async function sendHttp2(port: number, { method = "GET", path, headers = {}, body }: PlainRequest, ca?: string) {
  const session = ca === undefined ? connect(`http://localhost:${port}`) : connect(`https://localhost:${port}`, { ca });
  try {
    const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: body === undefined });
    for (const piece of body ?? []) stream.write(piece);
    stream.end();
    let trailers = {};
    stream.on("trailers", (received) => {
      trailers = received;
    });
    const [{ ":status": status = 0, ...answered }] = await once(stream, "response");
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { status: Number(status), headers: answered, trailers, body: Buffer.concat(chunks).toString() };
  } finally {
    session.destroy();
  }
}
