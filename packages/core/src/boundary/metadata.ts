// Headers and trailers as they cross the boundary: request headers come as lines of text, response headers and trailers
// leave as flat lists.

/**
 * The headers of a request head: its first line is the URL, then follow name and value of each header, one line each.
 */
export function headersOf(head: string): Headers {
  const headers = new Headers();
  const lines = head.split("\n");
  for (let line = 1; line + 1 < lines.length; line += 2) {
    headers.append(lines[line] as string, lines[line + 1] as string);
  }
  return headers;
}

/** Name and value of each header of a request head in turn. */
export function pairsOf(head: string): string[] {
  return head.split("\n").slice(1);
}

/** What `headersOf(head).get(name)` returns, without the `Headers`. */
export function headerIn(head: string, name: string): string | null {
  const wanted = name.toLowerCase();
  const separator = wanted === "cookie" ? "; " : ", ";
  let value: string | null = null;
  let begin = head.indexOf("\n") + 1;
  while (begin > 0) {
    const nameEnd = head.indexOf("\n", begin);
    if (nameEnd === -1) break;
    const valueEnd = head.indexOf("\n", nameEnd + 1);
    if (nameEnd - begin === wanted.length && head.startsWith(wanted, begin)) {
      const one = head.slice(nameEnd + 1, valueEnd === -1 ? head.length : valueEnd);
      value = value === null ? one : `${value}${separator}${one}`;
    }
    begin = valueEnd + 1;
  }
  return value;
}

/** The URL of a request head. */
export function urlOf(head: string): string {
  const end = head.indexOf("\n");
  return end === -1 ? head : head.slice(0, end);
}

/**
 * The most bytes of a block of headers or trailers, as HTTP/2 counts them: name, value, and 32 for each field. Node's
 * clients accept some 64 KiB with all that the protocol adds; beyond that they hang with all calls of their connection.
 */
const MAX_BLOCK_BYTES = 24 * 1024;
const FIELD_BYTES = 32;

/**
 * Name and value in turn; null for no headers.
 *
 * @throws RangeError for more than clients accept
 */
export function fieldsOf(headers: Headers | undefined): string[] | null {
  if (headers === undefined) return null;
  const fields: string[] = [];
  for (const [name, value] of headers) fields.push(name, value);
  assertFits(fields);
  return fields.length === 0 ? null : fields;
}

/**
 * @param fields name and value in turn
 * @throws RangeError for more than clients accept
 */
export function assertFits(fields: readonly string[]): void {
  let bytes = (fields.length / 2) * FIELD_BYTES;
  for (const part of fields) bytes += part.length;
  if (bytes <= MAX_BLOCK_BYTES) return;
  throw new RangeError(`headers or trailers of ${bytes} bytes cannot be sent: the limit is ${MAX_BLOCK_BYTES}`);
}
