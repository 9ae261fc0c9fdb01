// The messages of google.type, by their names: whoever generated them.
import type { Context } from "../context.ts";

/** A message in the form of ProtoJSON. Fields that the descriptor lacks are left out. */
type Parts = { [field: string]: string | number | boolean | string[] | Parts };
type Make = (context: Context) => Parts;

const TYPES: Readonly<Record<string, Make>> = {
  LatLng: ({ random }) => ({ latitude: degrees(random.next(), 90), longitude: degrees(random.next(), 180) }),
  Money: ({ random, words }) => {
    return {
      currencyCode: words.currencyCode(),
      units: String(random.int(1, 999)),
      nanos: random.int(0, 99) * 10_000_000,
    };
  },
  LocalizedText: ({ words }) => ({ text: words.sentence(), languageCode: words.languageCode() }),
  Date: (context) => dateOf(context),
  TimeOfDay: (context) => timeOf(context),
  DateTime: (context) => ({ ...dateOf(context), ...timeOf(context), timeZone: { id: context.words.timeZone() } }),
  TimeZone: ({ words }) => ({ id: words.timeZone() }),
  PostalAddress: ({ words }) => ({
    revision: 0,
    regionCode: words.countryCode(),
    languageCode: words.languageCode(),
    postalCode: words.zip(),
    administrativeArea: words.state(),
    locality: words.city(),
    addressLines: [words.street()],
    recipients: [words.fullName()],
    organization: words.company(),
  }),
  PhoneNumber: ({ words }) => ({ e164Number: words.phone() }),
  Color: ({ random }) => ({
    red: share(random.next()),
    green: share(random.next()),
    blue: share(random.next()),
    alpha: 1,
  }),
  Interval: ({ random, options }) => {
    const start = options.now - random.int(1, 365) * 86_400_000;
    const end = start + random.int(1, 86_400) * 1000;
    return { startTime: new Date(start).toISOString(), endTime: new Date(end).toISOString() };
  },
  Decimal: ({ random }) => ({ value: `${random.int(0, 999)}.${random.int(10, 99)}` }),
  Fraction: ({ random }) => ({ numerator: String(random.int(0, 9)), denominator: String(random.int(10, 20)) }),
  Quaternion: ({ random }) => {
    // Of length one, as a rotation is: around the axis z.
    const angle = random.next() * Math.PI;
    return { x: 0, y: 0, z: Math.sin(angle), w: Math.cos(angle) };
  },
  Expr: ({ words }) => ({
    expression: "document.owner == request.auth.uid",
    title: words.word(),
    description: words.sentence(),
  }),
};

/** What a message of google.type has, in the form of ProtoJSON; undefined for other types. */
export function googleType(typeName: string, context: Context): Parts | undefined {
  const [, name] = /^google\.type\.([A-Za-z]+)$/.exec(typeName) ?? [];
  return name === undefined || !Object.hasOwn(TYPES, name) ? undefined : TYPES[name]?.(context);
}

/** A day in the year before now, which every month has. */
function dateOf({ random, options }: Context): Parts {
  const day = new Date(options.now - random.int(1, 365) * 86_400_000);
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: Math.min(28, day.getUTCDate()) };
}

function timeOf({ random }: Context): Parts {
  return { hours: random.int(0, 23), minutes: random.int(0, 59), seconds: random.int(0, 59), nanos: 0 };
}

/** Up to so many degrees in both directions, with six digits: a tenth of a metre. */
function degrees(part: number, most: number): number {
  return Math.round((part * 2 - 1) * most * 1e6) / 1e6;
}

function share(part: number): number {
  return Math.round(part * 100) / 100;
}
