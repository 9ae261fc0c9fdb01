/** What h2load sends to every peer, in the same run. */
export interface Case {
  readonly title: string;
  /** Programs in `peers/`. The first is compared to each of the others. */
  readonly peers: readonly [string, ...string[]];
  /** By peer: how many times its calls per CPU second the first has at the very least. */
  readonly floors: Readonly<Record<string, number>>;
  readonly path: string;
  /** Arguments of h2load: connections, calls at a time, headers. */
  readonly load: readonly string[];
  readonly body: Uint8Array;
  /** Makes one call and looks at the answer, as h2load does not: it takes any 200 for a success. */
  check(baseUrl: string): Promise<void>;
}
