// A runtime that may not load addons: the error says which flag allows it.
import assert from "node:assert/strict";
import { type Check, runProgram } from "../check.ts";

const DENO = ["run", "--allow-env", "--node-modules-dir=manual", "--no-lock"];

export const permissions: Check = {
  name: "an error where addons are not allowed",
  notOn: ["Bun"],
  async run(place) {
    const isDeno = place.runtime.name === "Deno";
    const said = await runProgram(place, "import.js", [], isDeno ? DENO : ["--no-addons"]);
    assert.match(said, isDeno ? /Deno was not allowed .* --allow-ffi/m : /Node was not allowed .* --no-addons/);
    // The same with the permission.
    const allowed = isDeno ? ["run", "--allow-ffi", ...DENO.slice(1)] : [];
    assert.match(await runProgram(place, "import.js", [], allowed), /^imported$/m);
  },
};
