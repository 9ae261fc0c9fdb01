// All attacks, in the order of the table.
import type { Attack } from "../attack.ts";
import { compressionBombs, inflated } from "./bombs.ts";
import { builtIns } from "./built-ins.ts";
import { frameFloods } from "./frame-floods.ts";
import { heads, strongHeads } from "./heads.ts";
import { lengths } from "./lengths.ts";
import { mutations } from "./mutations.ts";
import { resets } from "./resets.ts";
import { silence } from "./silence.ts";
import { slow } from "./slow.ts";
import { smuggling } from "./smuggling.ts";
import { standingCalls } from "./standing.ts";
import { vanishing } from "./vanishing.ts";
import { windows } from "./windows.ts";

export const attacks: readonly Attack[] = [
  ...resets,
  ...frameFloods,
  ...windows,
  ...heads,
  ...compressionBombs,
  ...lengths,
  ...slow,
  ...silence,
  ...smuggling,
  ...vanishing,
  ...standingCalls,
  ...builtIns,
  ...mutations,
];

/** Those that the attacker knows: the last ones are made by experiments only. */
export const allAttacks: readonly Attack[] = [...attacks, ...strongHeads, inflated];
