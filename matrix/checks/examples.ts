// The programs of examples/, each from its own package.json.
import { ALERT, faultOf, GOAWAY, PROGRAMS } from "../../scripts/example-programs.mjs";
import type { Check } from "../check.ts";

export const examples: Check = {
  name: "the examples",
  faults: { Deno: `${GOAWAY}; ${ALERT}. Clients end there with what comes before` },
  async run({ runtime, folder }) {
    const faults = [];
    for (const program of PROGRAMS) {
      const fault = await faultOf(runtime, program, folder);
      if (fault !== undefined) faults.push(`${program.name}: ${fault}`);
    }
    if (faults.length > 0) throw new Error(faults.join("\n"));
  },
};
