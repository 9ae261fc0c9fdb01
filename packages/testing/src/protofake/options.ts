// The options of fakes, checked and with their defaults.
import { randomInt } from "node:crypto";
import type { DescMessage, Registry } from "@bufbuild/protobuf";
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
   * The time that the fakes are of. Rules such as `gt_now` are met at this time. Now by default.
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
   * and undefined for a field that is to be unset. They are taken as they are, even if they break a rule.
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

/** Checks the options. @throws TypeError that says which one is wrong, and what would be right */
export function resolveOptions(options: CommonFakeOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw wrong("options", "an object", options);
  const { seed = randomSeed(), now, optional = 0.8, maxDepth = 5, unspecified = false, faker, registry } = options;
  if (typeof seed !== "string" && !Number.isFinite(seed)) throw wrong("seed", "a finite number or a string", seed);
  if (now !== undefined && !(now instanceof Date && Number.isFinite(now.getTime()))) {
    throw wrong("now", "a valid Date", now);
  }
  if (typeof optional !== "number" || !(optional >= 0 && optional <= 1)) {
    throw wrong("optional", "a number from 0 to 1", optional);
  }
  if (typeof unspecified !== "boolean") throw wrong("unspecified", "a boolean", unspecified);
  if (faker !== undefined && faker !== false && typeof faker !== "object") {
    throw wrong("faker", "an instance of Faker, or false", faker);
  }
  if (registry !== undefined && typeof registry?.getMessage !== "function") {
    throw wrong("registry", "a Registry of @bufbuild/protobuf", registry);
  }
  const { min = Math.min(1, options.max ?? 1), max = Math.max(3, options.min ?? 0) } = options;
  const sizes = { min, max, maxDepth };
  for (const [name, value] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(value) || value < 0) throw wrong(name, "a whole number from 0", value);
  }
  if (min > max) throw wrong("min", `at most max, which is ${max}`, min);
  const ownNow = now !== undefined;
  const shared = { seed, withEdges: false, optional, unspecified, faker, registry, ...sizes };
  return { ...shared, now: now?.getTime() ?? Date.now(), ownNow };
}

/** Not from what `Math.random` of a test could be replaced by. */
function randomSeed(): number {
  return randomInt(2 ** 32);
}

function wrong(name: string, expected: string, got: unknown): TypeError {
  const text = typeof got === "object" && got !== null ? `an object of ${got.constructor?.name}` : String(got);
  return new TypeError(`${name === "options" ? "the options" : `the option ${name}`} must be ${expected}, not ${text}`);
}
