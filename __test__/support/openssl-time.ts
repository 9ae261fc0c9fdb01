// A time as commands of OpenSSL take it.

/** So many seconds from now, as `YYYYMMDDHHMMSSZ`. */
export function opensslTime(seconds: number): string {
  return `${new Date(Date.now() + seconds * 1_000).toISOString().replace(/[-:T]|\..*/g, "")}Z`;
}
