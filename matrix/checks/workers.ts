// Workers that start a server each, and end by themselves or are terminated.
import assert from "node:assert/strict";
import { type Check, runProgram } from "../check.ts";

export const workers: Check = {
  name: "workers that start and end servers",
  async run(place) {
    const count = place.isQuick ? 4 : 20;
    assert.match(await runProgram(place, "workers.js", [`${count}`]), new RegExp(`^${count} workers$`, "m"));
  },
};
