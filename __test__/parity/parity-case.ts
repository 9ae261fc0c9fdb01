// One row of the table: a request, and the servers that it is sent to.
import type { Http2Request } from "../support/raw-http2.ts";
import type { Configuration } from "./configuration.ts";

export type HttpVersion = "1.1" | "2";

export interface ParityCase {
  /** The request; bytes are sent over HTTP/1.1 as they are. */
  readonly request: Http2Request | Uint8Array;
  /** Sent once over each. Default: both; only HTTP/1.1 for bytes. */
  readonly over?: readonly HttpVersion[];
  /** Default: `default`. */
  readonly configuration?: Configuration;
  /** Whether the client half-closes the connection after the request. HTTP/1.1 only. */
  readonly hangUp?: boolean;
}

/** The rows of one file, by name. */
export type ParityTable = Readonly<Record<string, ParityCase>>;

/** The rows of a table, all of them over one version of HTTP. */
export function only(version: HttpVersion, table: ParityTable): ParityTable {
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, { ...row, over: [version] }]));
}

/** The rows of a table, all of them to servers set up in another way. */
export function configured(configuration: Configuration, table: ParityTable): ParityTable {
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, { ...row, configuration }]));
}
