// The servers: one of its own for each trial, and others that share the attacker's time while it is not attacked.
import { bin, run } from "../scripts/setup.mjs";
import { BUDGET } from "./budget.ts";
import { Program } from "./program.ts";
import type { AttackedOptions } from "./programs/server.ts";
import type { Trial } from "./trial.ts";

/** Compiled: a TypeScript loader in a server would take memory and time. */
const folder = ".build/attack";

export interface AttackedServer {
  readonly program: Program;
  readonly port: number;
}

export function buildServer(): Promise<void> {
  return run(bin("tsc"), ["--project", "attack/tsconfig.programs.json"]);
}

export const isSecure = ({ attack }: Trial) => attack.tls ?? false;

export async function startServer(trial: Trial): Promise<AttackedServer> {
  const options: AttackedOptions = { secure: isSecure(trial), maxBufferedBytes: BUDGET, ...trial.options };
  const flags = ["--expose-gc", ...trial.flags];
  const program = new Program(`${folder}/attack/programs/server.js`, [JSON.stringify(options)], flags);
  return { program, port: await program.ask<number>("port") };
}

/** Servers that are attacked in the control, one for each kind. */
export class Decoys {
  readonly #started = new Map<string, AttackedServer>();

  /** One that is like the server of a trial. */
  async of(trial: Trial): Promise<AttackedServer> {
    const kind = JSON.stringify([isSecure(trial), trial.options, trial.flags]);
    const known = this.#started.get(kind);
    if (known !== undefined && known.program.exit === undefined) return known;
    const decoy = await startServer(trial);
    this.#started.set(kind, decoy);
    return decoy;
  }

  async end(): Promise<void> {
    await Promise.all([...this.#started.values()].map(({ program }) => program.end("SIGKILL")));
  }
}
