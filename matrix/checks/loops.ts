// Servers that start, answer and stop, one after the other in one process.
import assert from "node:assert/strict";
import { type Check, runProgram } from "../check.ts";

export const loops: Check = {
  name: "start and stop, 100 times",
  async run(place) {
    const times = place.isQuick ? 20 : 100;
    const output = await runProgram(place, "loops.js", [`${times}`]);
    assert.match(output, new RegExp(`^${times} loops$`, "m"));
  },
};
