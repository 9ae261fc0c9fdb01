// The words that fakes are made of, from faker or without it.

/** Each call gives another word. */
export interface Words {
  word(): string;
  sentence(): string;
  paragraph(): string;
  firstName(): string;
  lastName(): string;
  fullName(): string;
  jobTitle(): string;
  company(): string;
  product(): string;
  email(): string;
  userName(): string;
  /** In the form of E.164: `+` and digits. */
  phone(): string;
  street(): string;
  city(): string;
  state(): string;
  zip(): string;
  country(): string;
  /** ISO 3166-1, two letters. */
  countryCode(): string;
  /** ISO 4217. */
  currencyCode(): string;
  /** BCP 47. */
  languageCode(): string;
  /** IANA. */
  timeZone(): string;
  hostname(): string;
  url(): string;
  userAgent(): string;
  fileName(): string;
  mimeType(): string;
  color(): string;
}
