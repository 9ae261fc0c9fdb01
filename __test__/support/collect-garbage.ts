// Collects garbage when a test asks for it, without a flag for the process.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** A full collection. What has just been used may survive it: on the stack, or in a register. */
export const collectGarbage: () => void = runInNewContext("gc");
