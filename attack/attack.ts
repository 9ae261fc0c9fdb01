// An attack: what a hostile client does, how often, and what shows that it did.
import type { Round } from "./round.ts";

export interface Attack {
  /** In kebab-case. */
  readonly name: string;
  /** What the client does. */
  readonly title: string;
  /** Whether the server speaks TLS. Default false. */
  readonly tls?: boolean;
  /** How many strikes a round has at most, and how many begin in a second. */
  readonly strikes: number;
  readonly perSecond: number;
  /** Builds what is too expensive to build while it is being sent. */
  readonly prepare?: () => void;
  /** Does the harm once. What it opens stays open until the round ends. */
  readonly strike: (round: Round, index: number) => Promise<void>;
  /** What a round that happened has counted: at least this many times its strikes. */
  readonly proof: Readonly<Record<string, number>>;
}
