// What a client saw.

export interface Report {
  readonly client: string;
  /** Unary calls. */
  calls: number;
  /** Unary calls that were made again, as they had not been sent. */
  retried: number;
  /** Unary calls that failed, by the reason. */
  readonly failures: Record<string, number>;
  /** Streams that ended, by their code. */
  readonly streams: Record<string, number>;
}

/** What was wrong. */
export function complaintsOf({ client, calls, failures, streams }: Report): string[] {
  const wrong = Object.entries(failures).map(([why, count]) => `${client}: ${count} unary calls failed: ${why}`);
  if (calls === 0) wrong.push(`${client} made no call`);
  for (const [code, count] of Object.entries(streams)) {
    if (code !== "unavailable") wrong.push(`${client}: ${count} streams ended with ${code} instead of unavailable`);
  }
  if (Object.keys(streams).length === 0) wrong.push(`${client}: no stream ended`);
  return wrong;
}
