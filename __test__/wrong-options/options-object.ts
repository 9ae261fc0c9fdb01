// The shape of the tables of wrong options: one for each object of options.

/** Wrong options, and the whole error: its name and its text, as `String(error)` shows them. */
export type WrongOptions<Key extends PropertyKey> = readonly [
  options: { readonly [K in Key]: unknown } & Readonly<Record<string, unknown>>,
  error: string,
];

/**
 * An object of options, with wrong values of each. A new option does not compile until it has a row.
 *
 * @typeParam Options the type that users see
 */
export interface OptionsObject<Options> {
  /** The function, or the option, that takes them, as errors name it: `createServer`, `createServer: tls`. */
  readonly name: string;
  /** The name of the object in the errors about its keys: `tls.`; empty for the options themselves. */
  readonly prefix: string;
  /** Uses the options, wherever the product does: the error is what it throws or rejects with. */
  readonly use: (options: unknown) => unknown;
  /** Options that are needed beside those of a row. */
  readonly needed?: object;
  /** Options that are accepted. Default: those that are needed. */
  readonly valid?: object;
  /** Whether there are keys beside those of the table: Node's, which have no effect. */
  readonly hasMoreKeys?: true;
  readonly wrong: {
    readonly [K in keyof Options]-?: readonly [WrongOptions<K>, ...(readonly WrongOptions<K>[])];
  };
  /** Keys that others are mistaken for, beside misspelt ones: `caPath` for `ca`. */
  readonly mistaken?: Readonly<Record<string, string>>;
}

/** The error of a use, as `String(error)` shows it; undefined if it succeeds. */
export async function errorOf(use: () => unknown): Promise<string | undefined> {
  try {
    await use();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
