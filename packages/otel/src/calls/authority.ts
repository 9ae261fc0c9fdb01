// The host and port of a URL, without parsing all of it, which would cost as much as a span.

export interface Authority {
  /** Of an IPv6 address without the brackets. */
  readonly address: string;
  /** Undefined if the URL has none. */
  readonly port: number | undefined;
}

/** The part of an absolute URL before its path. */
export function originOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? url : url.slice(0, path);
}

/** Of an absolute URL, as requests of connect have it. */
export function authorityOf(url: string): Authority {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  const text = url.slice(start, slash < 0 ? undefined : slash);
  const [, host = text, port] = /^(?:.*@)?(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  return { address, port: port === undefined ? undefined : Number(port) };
}
