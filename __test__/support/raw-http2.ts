// HTTP/2 with prior knowledge, one stream on its own connection: headers are sent unchanged, and everything that is
// received is visible.
import { type ClientHttp2Stream, connect, constants, type OutgoingHttpHeaders } from "node:http2";
import type { Field, RawAnswer, RawRequest } from "./raw-http1.ts";

export interface Http2Request extends RawRequest {
  /** The `:authority`; null omits it. Default: the address of the server. */
  readonly authority?: string | null;
}

/** Sends one request and waits for its response, by default for 5,000 ms. Never rejects. */
export function exchangeHttp2(
  port: number,
  request: Http2Request,
  options: { readonly timeoutMs?: number } = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const pieces: Buffer[] = [];
    let headers: Field[] = [];
    let trailers: Field[] = [];
    let goaway = constants.NGHTTP2_NO_ERROR;
    let ended = false;

    const finish = (end: string) => {
      clearTimeout(timer);
      session.destroy();
      const status = headers.find(([name]) => name === ":status")?.[1];
      resolve({
        status: status === undefined ? undefined : Number(status),
        headers: headers.filter(([name]) => name !== ":status"),
        body: Buffer.concat(pieces),
        trailers,
        end,
      });
    };
    const closed = () => finish(goaway === constants.NGHTTP2_NO_ERROR ? "closed" : `closed ${errorName(goaway)}`);
    const timer = setTimeout(() => finish("timeout"), options.timeoutMs ?? 5_000);
    session.once("goaway", (code) => {
      goaway = code;
    });
    // The following events report the error.
    session.once("error", () => {});
    session.once("close", closed);

    const stream = session.request(outgoing(request, port), { endStream: false });
    onFields(stream, "response", (fields) => {
      headers = fields;
    });
    onFields(stream, "trailers", (fields) => {
      trailers = fields;
    });
    stream.on("data", (chunk: Buffer) => pieces.push(chunk));
    stream.once("end", () => {
      ended = headers.length > 0;
    });
    stream.once("error", () => {});
    stream.once("close", () => {
      const code = stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
      if (ended && code === constants.NGHTTP2_NO_ERROR) finish("complete");
      else if (session.destroyed) closed();
      else finish(`reset ${errorName(code)}`);
    });
    stream.end(request.body);
  });
}

function outgoing({ method, target, headers, authority }: Http2Request, port: number): OutgoingHttpHeaders {
  const all: OutgoingHttpHeaders = { ":method": method, ":path": target, ":scheme": "http" };
  // Without an `:authority` node:http2 would add one, unless there is a `host`.
  if (authority !== null) all[":authority"] = authority ?? `127.0.0.1:${port}`;
  for (const [name, value] of headers) {
    const before = all[name];
    all[name] = before === undefined ? value : [before, value].flat().map(String);
  }
  return all;
}

/** Fields as received: node:http2 passes them after the flags, which its types do not show. */
function onFields(stream: ClientHttp2Stream, event: "response" | "trailers", take: (fields: Field[]) => void): void {
  stream.on(event, (...args: unknown[]) => {
    const flat = args[2] as string[];
    take(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as const] : [])));
  });
}

/** RFC 9113 section 7. */
const errorNames = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

function errorName(code: number): string {
  return errorNames[code] ?? `code ${code}`;
}
