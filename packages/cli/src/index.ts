// @connectum/cli: what the executable `connectum` does. Importing it does nothing.
export { run } from "./program/run.ts";
