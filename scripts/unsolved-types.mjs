// @ts-check
// Compares which message types got fakes with the list of those that may not.

/**
 * @typedef {object} Outcome of one type
 * @property {string} typeName
 * @property {string} [failure] of the first seed that failed; without it all succeeded
 */

/**
 * What is wrong: a type that fails and is not in the list, and one in the list that does not fail or does not exist.
 * @param {ReadonlyMap<string, Outcome>} outcomes by the names of the types
 * @param {Readonly<Record<string, string>>} unsolved the reasons of the types that may fail
 * @param {number} expected the least number of types; 0 if only some were chosen
 * @returns {string[]}
 */
export function unsolvedComplaints(outcomes, unsolved, expected) {
  const complaints = [...outcomes.values()].flatMap(({ typeName, failure }) => {
    const isListed = Object.hasOwn(unsolved, typeName);
    if (failure === undefined && isListed) return [`${typeName} succeeds: remove it from unsolved.json`];
    return failure === undefined || isListed ? [] : [`${typeName}: ${failure}`];
  });
  if (expected === 0) return complaints;
  const gone = Object.keys(unsolved).filter((typeName) => !outcomes.has(typeName));
  const tooFew = outcomes.size < expected;
  return [
    ...complaints,
    ...gone.map((typeName) => `${typeName} of unsolved.json is not in the suite`),
    ...(tooFew ? [`${outcomes.size} types were faked, and there are ${expected}`] : []),
  ];
}
