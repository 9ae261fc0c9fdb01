// Words of faker, which is not changed, and words without it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Faker, fakerAZ, fakerBASE, fakerEN_HK, fakerRO_MD } from "@faker-js/faker";
import { faker as german } from "@faker-js/faker/locale/de";
import { faker } from "@faker-js/faker/locale/en";
import { Random } from "../random.ts";
import { fakerWords, installedFaker } from "./faker-words.ts";
import { plainWords } from "./plain-words.ts";
import type { Words } from "./words.ts";

const sources: [name: string, words: (random: Random) => Words][] = [
  ["faker", (random) => fakerWords(faker, random)],
  ["faker in another language", (random) => fakerWords(german, random)],
  ["plain", plainWords],
];

for (const [name, words] of sources) {
  test(`${name}: every word is a text, the same for the same seed`, () => {
    const all = () => Object.entries(words(new Random(4))).map(([kind, word]) => `${kind}: ${word()}`);
    assert.deepEqual(all(), all());
    for (const text of all()) assert.match(text, /: ./);
  });

  test(`${name}: codes and addresses have their forms`, () => {
    const source = words(new Random(name));
    for (let count = 0; count < 50; count++) {
      assert.match(source.email(), /^[^@\s]+@[^@\s]+$/);
      assert.match(source.phone(), /^\+\d{8,15}$/);
      assert.match(source.countryCode(), /^[A-Z]{2}$/);
      assert.match(source.currencyCode(), /^[A-Z]{3}$/);
      assert.match(source.languageCode(), /^[a-z]{2}(-[A-Z]{2})?$/);
      assert.match(source.mimeType(), /^\w+\/\S+$/);
      assert.equal(new URL(source.url()).protocol.replace("s", ""), "http:");
      assert.match(source.hostname(), /^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }
  });
}

test("the given faker goes on as if nobody had used it", () => {
  faker.seed(1);
  const expected = [faker.number.int(), faker.number.int()];
  faker.seed(1);
  const first = faker.number.int();
  fakerWords(faker, new Random(1)).fullName();
  assert.deepEqual([first, faker.number.int()], expected);
});

test("the locale of the given faker counts", () => {
  const city = (source: typeof faker) => fakerWords(source, new Random(2)).city();
  assert.notEqual(city(faker), city(german));
});

test("faker is found where it is installed", () => {
  const found = installedFaker();
  assert.ok(found);
  assert.equal(fakerWords(found, new Random(3)).fullName(), fakerWords(faker, new Random(3)).fullName());
});

test("where a locale has no data, words are plain", () => {
  for (const source of [fakerAZ, fakerEN_HK, fakerRO_MD, fakerBASE]) {
    const words = fakerWords(source, new Random(4));
    for (const [name, word] of Object.entries(words)) assert.match(word(), /./, name);
  }
  assert.match(fakerWords(fakerBASE, new Random(4)).state(), /^[A-Z][a-z]+$/);
  const first = fakerWords(fakerAZ, new Random(5));
  assert.equal(first.city(), new Faker({ locale: fakerAZ.rawDefinitions, randomizer: randomOf(5) }).location.city());
});

test("other errors of faker are not hidden", () => {
  class Broken {
    readonly rawDefinitions = {};
    readonly lorem = {
      word: () => {
        throw new RangeError("broken");
      },
    };
  }
  const broken = new Broken() as unknown as typeof faker;
  assert.throws(() => fakerWords(broken, new Random(6)).word(), { name: "RangeError", message: "broken" });
});

function randomOf(seed: number) {
  const random = new Random(seed);
  return { next: () => random.next(), seed: () => {} };
}
