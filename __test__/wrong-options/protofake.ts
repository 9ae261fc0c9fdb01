// Wrong options of fakes.
import { arbitrary } from "@connectum/testing/arbitrary";
import {
  type CommonFakeOptions,
  type FakeOptions,
  type FakeServiceOptions,
  fake,
  fakeService,
  fakeStream,
} from "@connectum/testing/protofake";
import { AddressSchema, UserService } from "../protofake/gen/connectum/protofake/v1/users_pb.js";
import type { OptionsObject, WrongOptions } from "./options-object.ts";

type Rows<Options> = OptionsObject<Options>["wrong"];

/** What all functions have, with their names in the texts. */
function commonRows(where: string): Rows<CommonFakeOptions> {
  const row = <Key extends string>(key: Key, value: unknown, error: string): WrongOptions<Key> => {
    return [{ [key]: value } as never, error.replace(": ", `: ${where}: `)];
  };
  return {
    seed: [
      row("seed", Number.NaN, "TypeError: seed must be a finite number or a string, not NaN"),
      row("seed", 1n, "TypeError: seed must be a finite number or a string, not 1"),
    ],
    now: [
      row("now", "today", 'TypeError: now must be a valid Date, not "today"'),
      row("now", new Date("?"), "TypeError: now must be a valid Date, not a Date"),
    ],
    optional: [
      row("optional", 2, "TypeError: optional must be a number from 0 to 1, not 2"),
      row("optional", "1", 'TypeError: optional must be a number from 0 to 1, not "1"'),
    ],
    min: [
      row("min", -1, "RangeError: min must be an integer from 0 to 10000, not -1"),
      [{ min: 3, max: 2 }, `RangeError: ${where}: min must be at most max, which is 2, not 3`],
    ],
    max: [row("max", 1.5, "RangeError: max must be an integer from 0 to 10000, not 1.5")],
    maxDepth: [row("maxDepth", "deep", 'TypeError: maxDepth must be an integer from 0 to 100, not "deep"')],
    unspecified: [row("unspecified", 1, "TypeError: unspecified must be true or false, not 1")],
    faker: [
      row("faker", true, "TypeError: faker must be an instance of Faker of @faker-js/faker, or false, not true"),
      row("faker", {}, "TypeError: faker must be an instance of Faker of @faker-js/faker, or false, not an object"),
    ],
    registry: [
      row(
        "registry",
        {},
        "TypeError: registry must be an object with the methods getMessage, getExtensionFor: it has no getMessage, getExtensionFor",
      ),
    ],
  };
}

const overrides: Rows<Pick<FakeOptions, "overrides">> = {
  overrides: [
    [{ overrides: 1 }, "TypeError: overrides must be an object with fields of connectum.protofake.v1.Address, not 1"],
  ],
};

export const ofFake: OptionsObject<FakeOptions> = {
  name: "fake",
  prefix: "",
  use: (options) => fake(AddressSchema, options as never),
  wrong: { ...commonRows("fake"), ...overrides },
};

export const ofFakeStream: OptionsObject<FakeOptions> = {
  name: "fakeStream",
  prefix: "",
  use: (options) => fakeStream(AddressSchema, 1, options as never),
  wrong: { ...commonRows("fakeStream"), ...overrides },
};

const { seed: _, ...rowsOfArbitrary } = commonRows("arbitrary");

export const ofArbitrary: OptionsObject<Omit<FakeOptions, "seed">> = {
  name: "arbitrary",
  prefix: "",
  use: (options) => arbitrary(AddressSchema, options as never),
  wrong: { ...rowsOfArbitrary, ...overrides },
};

export const ofFakeService: OptionsObject<FakeServiceOptions> = {
  name: "fakeService",
  prefix: "",
  use: (options) => fakeService(UserService, options as never),
  wrong: {
    ...commonRows("fakeService"),
    messages: [[{ messages: -1 }, "RangeError: fakeService: messages must be an integer from 0 to 1000000, not -1"]],
    overrides: [[{ overrides: "Ada" }, 'TypeError: fakeService: overrides must be an object, not "Ada"']],
  },
};
