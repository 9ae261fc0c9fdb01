// The options of fakes, checked and with their defaults.
import { randomInt } from "node:crypto";
import type { DescMessage, Registry } from "@bufbuild/protobuf";
import { assertBoolean, assertInteger, assertKnownKeys, assertMethods, type Keys, shown } from "@connectum/hooks";
import type { Overrides } from "./overrides.ts";
import type { FakerLike } from "./words/faker-like.ts";

/** How fakes are made. What the type of the message has no say in. */
export interface CommonFakeOptions {
  /**
   * Decides all values, together with `now` and the version of faker: the same for the same. A random seed by default,
   * so that tests do not come to depend on the values.
   */
  readonly seed?: number | string | undefined;
  /**
   * The time that the fakes are of. Rules such as `gt_now` are met at this time; `now` in expressions is the
   * validator's. Now by default.
   */
  readonly now?: Date | undefined;
  /** The part of the fields with presence that are set, from 0 to 1, where no rule requires them: 0.8 by default. */
  readonly optional?: number | undefined;
  /** The least number of items of a list and of entries of a map, where rules allow it: 1 by default. */
  readonly min?: number | undefined;
  /** The greatest number of them, where rules allow it: 3 by default, or `min` if that is greater. */
  readonly max?: number | undefined;
  /** How deep messages are in messages, where rules do not require more: 5 by default. */
  readonly maxDepth?: number | undefined;
  /** Whether enums may have their unspecified value: false by default. Rules can require it all the same. */
  readonly unspecified?: boolean | undefined;
  /**
   * An instance of faker 9 or 10, in any locale; it is not changed. English by default if @faker-js/faker is
   * installed. `false`: plain values, without faker.
   */
  readonly faker?: FakerLike | false | undefined;
  /** Extensions to set, types for `google.protobuf.Any`, and predefined rules that the schema's file lacks. */
  readonly registry?: Registry | undefined;
}

/** How a fake of this type is made. */
export interface FakeOptions<Desc extends DescMessage = DescMessage> extends CommonFakeOptions {
  /**
   * Fields that are given: plain values, nested objects for parts of nested messages, `{ case, value }` for a oneof,
   * and undefined for a field that is to be unset. They are taken as they are, even if they break a rule; rules that
   * have nothing to do with them are met.
   */
  readonly overrides?: Overrides<Desc> | undefined;
}

export interface ResolvedOptions {
  readonly seed: number | string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether `now` is another time than that of the validator. */
  readonly ownNow: boolean;
  readonly optional: number;
  readonly min: number;
  readonly max: number;
  readonly maxDepth: number;
  readonly unspecified: boolean;
  /** Whether values at the ends of ranges, empty ones and strange ones are as likely as others: for fast-check. */
  readonly withEdges: boolean;
  readonly faker: FakerLike | false | undefined;
  readonly registry: Registry | undefined;
}

/** The names of the options, for checks. */
export const COMMON_KEYS = {
  seed: true,
  now: true,
  optional: true,
  min: true,
  max: true,
  maxDepth: true,
  unspecified: true,
  faker: true,
  registry: true,
} satisfies Keys<CommonFakeOptions>;
export const FAKE_KEYS = { ...COMMON_KEYS, overrides: true } satisfies Keys<FakeOptions>;

/** More items and deeper messages are nothing that a test could want, and would take all memory. */
const MOST_ITEMS = 10_000;
const DEEPEST = 100;

/**
 * Checks the options.
 * @param where the function that takes them
 * @throws TypeError or RangeError that says which one is wrong, and what would be right
 */
export function resolveOptions(where: string, options: CommonFakeOptions, keys: object): ResolvedOptions {
  // As a caller in JavaScript may have it.
  if (options === null) throw new TypeError(`${where}: the options must be an object, not null`);
  assertKnownKeys(options, { ...keys }, { where });
  const { seed = randomSeed(), now, optional = 0.8, maxDepth = 5, unspecified = false, faker, registry } = options;
  const check = (isRight: boolean, name: string, expected: string, got: unknown) => {
    if (!isRight) throw new TypeError(`${where}: ${name} must be ${expected}, not ${shown(got)}`);
  };
  check(typeof seed === "string" || Number.isFinite(seed), "seed", "a finite number or a string", seed);
  const isTime = now instanceof Date && Number.isFinite(now.getTime());
  check(now === undefined || isTime, "now", "a valid Date", now);
  check(typeof optional === "number" && optional >= 0 && optional <= 1, "optional", "a number from 0 to 1", optional);
  assertBoolean(where, "unspecified", unspecified);
  const isFaker = faker === undefined || faker === false || typeof faker?.rawDefinitions === "object";
  check(isFaker, "faker", "an instance of Faker of @faker-js/faker, or false", faker);
  assertMethods(where, "registry", registry, ["getMessage", "getExtensionFor"]);
  const { min = Math.min(1, options.max ?? 1), max = Math.max(3, options.min ?? 0) } = options;
  assertInteger(where, "max", max, 0, MOST_ITEMS);
  assertInteger(where, "min", min, 0, MOST_ITEMS);
  assertInteger(where, "maxDepth", maxDepth, 0, DEEPEST);
  if (min > max) throw new RangeError(`${where}: min must be at most max, which is ${max}, not ${min}`);
  const shared = { seed, withEdges: false, optional, unspecified, faker, registry, min, max, maxDepth };
  return { ...shared, now: now?.getTime() ?? Date.now(), ownNow: now !== undefined };
}

/** Not from what `Math.random` of a test could be replaced by. */
function randomSeed(): number {
  return randomInt(2 ** 32);
}
