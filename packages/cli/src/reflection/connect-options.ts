// How a server is reached.
import { CliError } from "../failures/cli-error.ts";

/** How a server is reached. */
export interface ConnectOptions {
  /** Headers of the requests. Default: none. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** A file with the authorities that issue the server's certificate, in PEM. Default: those of Node. */
  ca?: string | undefined;
  /** Whether any certificate of the server is trusted. Default false. */
  insecure?: boolean | undefined;
  /** The longest that it may take, in milliseconds. Default 10,000. */
  timeoutMs?: number | undefined;
}

/** A server, and how it is reached. */
export interface Connection extends ConnectOptions {
  /** With `http:` or `https:`. */
  readonly url: string;
}

/** The default of `timeoutMs`. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Headers as `name=value`, or `name: value` as curl has them.
 *
 * @throws CliError for a text that is neither
 */
export function readHeaders(texts: readonly string[]): [name: string, value: string][] {
  return texts.map((text) => {
    const [, name, value] = /^([^\s:=]+)(?:=|:\s*)(.*)$/s.exec(text) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new CliError(`--header must be name=value, not "${text}"`);
  });
}
