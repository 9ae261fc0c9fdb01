// The keys of an object of options: one that does not exist is an error, as a misspelt option would have no effect.
import { closestMatch } from "leven";
import { isPlainObject, shown } from "./shown.ts";

/** An object with the keys that options may have. `satisfies Keys<Options>` makes the compiler compare them. */
export type Keys<Options> = Readonly<Record<keyof Options, unknown>>;

/** The values do not matter. */
type KeySet = Readonly<Record<string, unknown>>;

/** Where an object of options belongs, for the text of errors. */
export interface OptionsPlace {
  /** The function, or the service, that takes the options: `createServer`. */
  readonly where: string;
  /** The name of the object among them: `tls`. Undefined for the options themselves. */
  readonly option?: string | undefined;
  /** Names that other libraries have for the same, and what they are here: `{ requestCert: "clientAuth" }`. */
  readonly otherNames?: Readonly<Record<string, string>> | undefined;
}

/**
 * Checks the keys of an object of options. A key whose value is `undefined` counts as absent. Only the object's own
 * keys count: options may be an instance of a class.
 *
 * @throws TypeError unless `value` is an object, or absent; for a key that is not among `keys`, naming the nearest
 */
export function assertKnownKeys(value: unknown, keys: KeySet, place: OptionsPlace): void {
  if (value === undefined) return;
  const { where, option, otherNames } = place;
  if (!isPlainObject(value)) {
    throw new TypeError(`${where}: ${option ?? "the options"} must be an object, not ${shown(value)}`);
  }
  const [unknown] = unknownKeys(value, keys);
  if (unknown === undefined) return;
  const path = (key: string) => (option === undefined ? key : `${option}.${key}`);
  const nearest = nearestName(unknown, Object.keys(keys), otherNames);
  const right = nearest === undefined ? listed(Object.keys(keys)) : `Did you mean "${path(nearest)}"?`;
  throw new TypeError(`${where}: there is no option "${path(unknown)}". ${right}`);
}

/** The object's own keys that are not among `keys`, and whose value is not `undefined`. */
export function unknownKeys(value: object, keys: KeySet): string[] {
  return Object.keys(value).filter((key) => !Object.hasOwn(keys, key) && Reflect.get(value, key) !== undefined);
}

/**
 * The name that was probably meant: the same in another notation, the same letters in another order, one that differs
 * in at most two fifths of its letters, or its beginning. Undefined if there is none.
 *
 * @param otherNames names of other libraries, and what they are here
 */
export function nearestName(
  name: string,
  candidates: readonly string[],
  otherNames: Readonly<Record<string, string>> = {},
): string | undefined {
  const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  if (other !== undefined) return other;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  // A key may be of any length, and the distance costs the product of both.
  if (name.length > MAX_NAME_LENGTH) return undefined;
  const sorted = (text: string) => [...plain(text)].sort().join("");
  const same = candidates.find((candidate) => plain(candidate) === plain(name));
  const transposed = same ?? candidates.find((candidate) => sorted(candidate) === sorted(name));
  if (transposed !== undefined) return transposed;
  const near = closestMatch(name, candidates, { maxDistance: Math.max(1, Math.floor(name.length * 0.4)) });
  return near ?? candidates.find((candidate) => candidate.length > 2 && plain(name).startsWith(plain(candidate)));
}

/** Longer names are not compared. */
const MAX_NAME_LENGTH = 200;

function listed(names: readonly string[]): string {
  return names.length === 0 ? "It takes none." : `It can be ${names.map((name) => `"${name}"`).join(", ")}.`;
}
