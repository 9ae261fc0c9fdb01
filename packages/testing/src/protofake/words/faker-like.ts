// What of faker is used, declared here: its own types are not there where it is not installed.

/** An instance of `Faker` of @faker-js/faker 9 or 10. */
export interface FakerLike {
  readonly rawDefinitions: object;
  seed(seed?: number): unknown;
  readonly lorem: { word(): string; sentence(): string; paragraph(): string };
  readonly person: { firstName(): string; lastName(): string; fullName(): string; jobTitle(): string };
  readonly company: { name(): string };
  readonly commerce: { productName(): string };
  readonly internet: {
    exampleEmail(): string;
    username(): string;
    domainName(): string;
    url(options: { appendSlash: boolean }): string;
    userAgent(): string;
  };
  readonly phone: { number(options: { style: "international" }): string };
  readonly location: {
    streetAddress(): string;
    city(): string;
    state(): string;
    zipCode(): string;
    country(): string;
    countryCode(): string;
    timeZone(): string;
  };
  readonly finance: { currencyCode(): string };
  readonly system: { fileName(): string; mimeType(): string };
  readonly color: { human(): string };
}
