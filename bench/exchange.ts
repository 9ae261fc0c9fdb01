// One HTTP request and its response by Node's clients, with the bytes that h2load sends.
import { request as requestHttp1 } from "node:http";
import { connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { Readable } from "node:stream";

export interface Answer {
  readonly status: number | undefined;
  /** Header and trailer fields together. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface Exchange {
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Time limit of a response. */
const timeoutMs = 10_000;

export async function overHttp1({ url, path, headers, body }: Exchange): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const request = requestHttp1(`${url}${path}`, { method: "POST", agent: false, headers, signal });
  request.end(body);
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    request.once("response", resolve).once("error", reject);
  });
  const bytes = await bytesOf(response);
  return { status: response.statusCode, fields: { ...response.headers, ...response.trailers }, body: bytes };
}

/** Certificates are not verified, as h2load does not verify them either. */
export async function overHttp2({ url, path, headers, body }: Exchange): Promise<Answer> {
  const session = connect(url, { rejectUnauthorized: false });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      session.once("error", reject);
      const stream = session.request(
        { ":method": "POST", ":path": path, ...headers },
        { signal: AbortSignal.timeout(timeoutMs) },
      );
      let fields: IncomingHttpHeaders = {};
      stream.once("error", reject);
      stream.once("response", (head) => {
        fields = { ...fields, ...head };
      });
      stream.once("trailers", (trailers) => {
        fields = { ...fields, ...trailers };
      });
      stream.end(body);
      bytesOf(stream).then(
        (bytes) =>
          resolve({ status: fields[constants.HTTP2_HEADER_STATUS] as number | undefined, fields, body: bytes }),
        reject,
      );
    });
  } finally {
    session.close();
  }
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
