// A piece of the load: a call or a few, and what has to come of them.
import type { SoakClient } from "../clients.ts";
import type { Random } from "../random.ts";

export interface Job {
  readonly name: string;
  /** How often it is chosen, compared with the others. */
  readonly weight: number;
  /** Whether a client can do it. Default: every one. */
  readonly suits?: (client: SoakClient) => boolean;
  /** Rejects if anything is not as it should be. */
  readonly run: (client: SoakClient, random: Random) => Promise<void>;
}
