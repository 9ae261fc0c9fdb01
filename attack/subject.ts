// What a line of the table is about: the trial of an attack, or a program whose memory must not grow.
import { type Company, type Lengths, measure } from "./measure.ts";
import { Program } from "./program.ts";
import { growthVerdict, type Verdict, verdictOf } from "./report.ts";
import type { Trial } from "./trial.ts";

export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly judge: (company: Company, lengths: Lengths) => Promise<Verdict>;
}

export function trialSubject(trial: Trial): Subject {
  const { name, title } = trial;
  return { name, title, judge: async (company, lengths) => verdictOf(trial, await measure(trial, company, lengths)) };
}

/** A file of `attack/programs` that answers by how many MiB it has grown. */
export interface GrowingProgram {
  readonly name: string;
  readonly title: string;
  readonly mostMib: number;
}

export function programSubject({ name, title, mostMib }: GrowingProgram): Subject {
  return {
    name,
    title,
    async judge() {
      const program = new Program(`attack/programs/${name}.ts`, [], ["--expose-gc"]);
      try {
        return growthVerdict(name, title, await program.ask<number>("growth"), mostMib);
      } finally {
        await program.end("SIGKILL");
      }
    },
  };
}
