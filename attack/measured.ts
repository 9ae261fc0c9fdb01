// What a trial has measured.

import type { Calls } from "./programs/bystander.ts";
import type { Traffic } from "./traffic.ts";

export interface Measured {
  /** All rounds together. */
  readonly traffic: Traffic;
  /** The bystander's calls of each round: while its server was attacked, and while another one was. */
  readonly attacked: readonly Calls[];
  readonly control: readonly Calls[];
  /** Absent if the server did not live to see it. */
  readonly remains?: Remains;
  /** How the server ended: `0`, or else. */
  readonly exit: string;
}

/** The server after the attack. Memory and descriptors are what it has more than before. */
export interface Remains {
  readonly peakMib: number;
  readonly afterMib: number;
  /** Bytes that JavaScript holds, to tell whose the memory is. */
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly descriptors: number;
  /** Handlers that were started for the attacker, and those that have not ended, by method. */
  readonly started: number;
  readonly running: Readonly<Record<string, number>>;
  /** How long it took until that was so. */
  readonly settleMs: number;
  /** The gRPC statuses of calls that together need almost all that the server may hold. */
  readonly refill: readonly string[];
  /** The time that it took to stop. */
  readonly stopMs: number;
}
