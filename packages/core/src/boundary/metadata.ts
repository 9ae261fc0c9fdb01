// Header blocks as they cross the boundary.

/** The request headers out of the head of a call: the URL, then name and value of each, a line each. */
export function headersOf(head: string): Headers {
  const headers = new Headers();
  const lines = head.split("\n");
  for (let line = 1; line + 1 < lines.length; line += 2) {
    headers.append(lines[line] as string, lines[line + 1] as string);
  }
  return headers;
}

/** The URL out of the head of a call. */
export function urlOf(head: string): string {
  const end = head.indexOf("\n");
  return end === -1 ? head : head.slice(0, end);
}

/**
 * What a block of headers or trailers may have, in bytes, as HTTP/2 counts them: 32 for each field beside name and value. Node's
 * clients take some 64 KiB with all that the protocol adds, and hang with all calls of their connection when it is more.
 */
const MAX_BLOCK_BYTES = 24 * 1024;
const FIELD_BYTES = 32;

/**
 * Name and value in turn; undefined for none.
 *
 * @throws RangeError for more than clients take
 */
export function fieldsOf(headers: Headers | undefined): string[] | undefined {
  if (headers === undefined) return undefined;
  const fields: string[] = [];
  for (const [name, value] of headers) fields.push(name, value);
  assertFits(fields);
  return fields.length === 0 ? undefined : fields;
}

/**
 * @param fields name and value in turn
 * @throws RangeError for more than clients take
 */
export function assertFits(fields: readonly string[]): void {
  let bytes = (fields.length / 2) * FIELD_BYTES;
  for (const part of fields) bytes += part.length;
  if (bytes <= MAX_BLOCK_BYTES) return;
  throw new RangeError(`headers or trailers of ${bytes} bytes cannot be sent: ${MAX_BLOCK_BYTES} is the most`);
}
