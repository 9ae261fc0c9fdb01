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

/** Name and value in turn; undefined for none. */
export function fieldsOf(headers: Headers | undefined): string[] | undefined {
  if (headers === undefined) return undefined;
  const fields: string[] = [];
  for (const [name, value] of headers) fields.push(name, value);
  return fields.length === 0 ? undefined : fields;
}
