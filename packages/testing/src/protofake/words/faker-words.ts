// Words of @faker-js/faker, which need not be installed.
import { createRequire } from "node:module";
import type { Random } from "../random.ts";
import type { FakerLike } from "./faker-like.ts";
import { plainWords } from "./plain-words.ts";
import type { Words } from "./words.ts";

/** What `new Faker` takes. */
interface FakerSettings {
  readonly locale: object;
  readonly randomizer: { next(): number; seed(): void };
}

/** What faker 9 and 10 say where a locale lacks data. */
const NO_DATA = /^The locale data for |^No matching .* data available for the current locale/;

let installed: FakerLike | null | undefined;

/**
 * English faker as it is installed, or undefined. Only English is loaded: all locales take Node half a second.
 * @throws Error if it is there and cannot be loaded
 */
export function installedFaker(): FakerLike | undefined {
  if (installed === undefined) {
    const require = createRequire(import.meta.url);
    try {
      installed = require("@faker-js/faker/locale/en").faker as FakerLike;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") {
        const right = 'give an instance of Faker by the option "faker", or false for plain values';
        throw new Error(`@faker-js/faker is installed and cannot be loaded: ${right}`, { cause: error });
      }
      installed = null;
    }
  }
  return installed ?? undefined;
}

/**
 * Words of a faker of the same locale, which draws from `random`: the given one is not changed, and what others draw
 * from it does not matter. Where the locale has no data, as some have no names of states, words are plain.
 */
export function fakerWords(given: FakerLike, random: Random): Words {
  const Faker = given.constructor as new (settings: FakerSettings) => FakerLike;
  const randomizer = { next: () => random.next(), seed: () => {} };
  const faker = new Faker({ locale: given.rawDefinitions, randomizer });
  const plain = plainWords(random);
  const words: Words = {
    word: () => faker.lorem.word(),
    sentence: () => faker.lorem.sentence(),
    paragraph: () => faker.lorem.paragraph(),
    firstName: () => faker.person.firstName(),
    lastName: () => faker.person.lastName(),
    fullName: () => faker.person.fullName(),
    jobTitle: () => faker.person.jobTitle(),
    company: () => faker.company.name(),
    product: () => faker.commerce.productName(),
    // Nobody has an address of example.com, and of other domains somebody may.
    email: () => faker.internet.exampleEmail().toLowerCase(),
    userName: () => faker.internet.username(),
    phone: () => faker.phone.number({ style: "international" }),
    street: () => faker.location.streetAddress(),
    city: () => faker.location.city(),
    state: () => faker.location.state(),
    zip: () => faker.location.zipCode(),
    country: () => faker.location.country(),
    countryCode: () => faker.location.countryCode(),
    currencyCode: () => faker.finance.currencyCode(),
    languageCode: plain.languageCode,
    timeZone: () => faker.location.timeZone(),
    hostname: () => faker.internet.domainName(),
    url: () => faker.internet.url({ appendSlash: false }),
    userAgent: () => faker.internet.userAgent(),
    fileName: () => faker.system.fileName(),
    mimeType: () => faker.system.mimeType(),
    color: () => faker.color.human(),
  };
  return completed(words, plain);
}

/** The words, and plain ones instead of those for which there is no data. */
function completed(words: Words, plain: Words): Words {
  const names = Object.keys(words) as (keyof Words)[];
  const both = names.map((name) => [name, () => wordOf(words[name]) ?? plain[name]()] as const);
  return { ...words, ...Object.fromEntries(both) };
}

/** undefined if faker has no data for it in this locale. */
function wordOf(word: () => string): string | undefined {
  try {
    const text: unknown = word();
    return typeof text === "string" && text !== "" ? text : undefined;
  } catch (error) {
    // The error has no name of its own, and its class is that of the caller's copy of faker.
    if (error instanceof Error && NO_DATA.test(error.message)) return undefined;
    throw error;
  }
}
