// @ts-check
// Names on a command line, checked against those that exist.
import { Failure } from "./run.mjs";

/**
 * The names on the command line.
 * @param {string} what the kind of the names, for the error
 * @param {string[]} all
 * @param {string[]} asked
 * @param {string[]} [unasked] the choice if none is asked for; default all of them
 */
export function chooseNames(what, all, asked, unasked = all) {
  const unknown = asked.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`there is no ${what} "${unknown}". There are: ${all.join(", ")}.`);
  return asked.length > 0 ? asked : unasked;
}
