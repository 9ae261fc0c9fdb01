// The attacker: makes the rounds it is asked for, so that its CPU time is not the server's or the bystander's.

import { answerQuestions } from "../answers.ts";
import type { Attack } from "../attack.ts";
import { allAttacks } from "../attacks/index.ts";
import { type RoundPlan, runRound } from "../run-round.ts";

answerQuestions({
  prepare: (name: string) => attackOf(name).prepare?.(),
  attack: ({ name, plan }: { readonly name: string; readonly plan: RoundPlan }) => runRound(attackOf(name), plan),
});

function attackOf(name: string): Attack {
  const found = allAttacks.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no attack ${name}`);
  return found;
}
