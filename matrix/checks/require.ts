// require() loads the packages where the runtime can, and says what to do where it cannot.
import assert from "node:assert/strict";
import { type Check, runProgram } from "../check.ts";

export const require: Check = {
  name: "require()",
  async run(place) {
    const output = await runProgram(place, "require.cjs");
    if (place.runtime.name === "Node 18") {
      assert.match(output, /^@connectum\/core is an ES module, .* Use import .*await import\("@connectum\/core"\)/);
    } else {
      assert.match(output, /^function function function$/m);
    }
  },
};
