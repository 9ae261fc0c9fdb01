// Headers and trailers of a response in process.

/** Fields that only the protocols may write, as in `src/protocol/metadata.rs`: those of a handler are dropped. */
export const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "host",
  "content-length",
  "content-type",
  "content-encoding",
  "connect-content-encoding",
  "grpc-encoding",
  "grpc-status",
  "grpc-message",
  "grpc-status-details-bin",
  "connect-protocol-version",
  "date",
]);

/** @param blocks each with name and value in turn; null is empty */
export function responseHeaders(...blocks: (readonly string[] | null)[]): Headers {
  const headers = new Headers();
  for (const block of blocks) appendTo(headers, block);
  return headers;
}

/** Adds what a handler may send. */
export function appendTo(headers: Headers, block: readonly string[] | null): void {
  if (block === null) return;
  for (let at = 0; at + 1 < block.length; at += 2) {
    const name = block[at] as string;
    if (!RESERVED.has(name)) headers.append(name, block[at + 1] as string);
  }
}
