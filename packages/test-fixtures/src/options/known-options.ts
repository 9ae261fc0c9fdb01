// An option that does not exist is an error, as it would have no effect.

/** The names of options. `satisfies OptionNames<Options>` makes the compiler compare them. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Checks the names of options. A value of `undefined` counts as absent.
 *
 * @param caller the function that takes the options
 * @returns the options, or none for `undefined` and `null`
 * @throws TypeError unless `options` is an object or absent; for an option that does not exist, naming those that do
 */
export function knownOptions<Options extends object>(
  caller: string,
  options: Options | null | undefined,
  names: OptionNames<Options>,
): Partial<Options> {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object")
    throw new TypeError(`${caller}: the options must be an object, not ${typeof options}`);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(names, name)) continue;
    const known = Object.keys(names).map((one) => `"${one}"`);
    throw new TypeError(`${caller}: there is no option "${name}". It can be ${known.join(", ")}.`);
  }
  return options;
}
