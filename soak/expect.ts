// Comparisons whose failures are one readable line.
import { Code, ConnectError } from "@connectrpc/connect";

/** An answer that is not the expected one. */
export class Unexpected extends Error {}

/** Fails unless both have the same JSON. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [shown(actual), shown(expected)];
  if (is !== should) throw new Unexpected(`${what}: ${shortened(is)} instead of ${shortened(should)}`);
}

/** Fails unless both are the same bytes. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  same(actual.byteLength, expected.byteLength, `${what}: the number of bytes`);
  if (Buffer.compare(actual, expected) !== 0) throw new Unexpected(`${what}: other bytes`);
}

/** Fails unless the call failed with this code. */
export function failedWith(error: ConnectError | undefined, code: Code): ConnectError {
  if (error === undefined) throw new Unexpected(`a success instead of ${Code[code]}`);
  if (error.code !== code) throw new Unexpected(`${shortened(error.message)} instead of ${Code[code]}`);
  return error;
}

/** An error as one line. */
export function lineOf(thrown: unknown): string {
  if (thrown instanceof Unexpected) return thrown.message;
  if (thrown instanceof ConnectError) return `it failed: ${shortened(thrown.message)}`;
  return thrown instanceof Error ? shortened(thrown.stack ?? thrown.message, 400) : shortened(String(thrown));
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}` : one)) ?? "undefined";
}

function shortened(text: string, length = 160): string {
  const line = text.replaceAll("\n", " ");
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
