// What strings usually are, by the names of their fields and messages.
import type { Context } from "../context.ts";
import type { Slot } from "../slot.ts";
import { ipV4, ipV6, macAddress } from "../values/addresses.ts";
import { uuid } from "../values/identifiers.ts";

type Text = (context: Pick<Context, "words" | "random" | "options">) => string;

/** In this order: the first name that fits counts. Names are in snake_case and without plural. */
const BY_NAME: readonly (readonly [name: RegExp, text: Text])[] = [
  [/(^|_)e?mail(_address)?$/, ({ words }) => words.email()],
  [/(^|_)(first|given|fore)_?name$/, ({ words }) => words.firstName()],
  [/(^|_)(last|family|sur)_?name$/, ({ words }) => words.lastName()],
  [/(^|_)(user|login|nick|screen)_?name$|^(login|nick|handle|username)$/, ({ words }) => words.userName()],
  [/(^|_)(host|domain)_?(name)?$/, ({ words }) => words.hostname()],
  [/(^|_)file_?name$|(^|_)file$/, ({ words }) => words.fileName()],
  [/(^|_)(file_?)?path$/, ({ words }) => `/${words.word()}/${words.fileName()}`],
  [/(^|_)(company|organi[sz]ation|employer|vendor|brand)(_name)?$/, ({ words }) => words.company()],
  [/(^|_)(product|item)(_name)?$/, ({ words }) => words.product()],
  [/(^|_)(city|town|locality)(_name)?$/, ({ words }) => words.city()],
  [/(^|_)(state|province|region|administrative_area)(_name)?$/, ({ words }) => words.state()],
  [/(^|_)(country|region|nationality)_code$/, ({ words }) => words.countryCode()],
  [/(^|_)country(_name)?$/, ({ words }) => words.country()],
  [/(^|_)(street|address_?line|street_address|line_?)[_0-9]*$/, ({ words }) => words.street()],
  [/(^|_)(zip|post(al)?)(_?code)?$/, ({ words }) => words.zip()],
  [/(^|_)(ip|ip_address|ipv4|remote_addr)$/, ({ random }) => ipV4(random)],
  [/(^|_)ipv6(_address)?$/, ({ random }) => ipV6(random)],
  [/(^|_)mac(_address)?$/, ({ random }) => macAddress(random)],
  [/(^|_)address$/, ({ words }) => `${words.street()}, ${words.city()}`],
  [/(^|_)(phone|mobile|fax|tel|telephone|cell)(_?number)?$|^e164_number$/, ({ words }) => words.phone()],
  [/(^|_)(image|avatar|photo|picture|thumbnail|icon|logo)(_ur[li])?$/, ({ words }) => `${words.url()}/image.png`],
  [/(^|_)(ur[li]|href|link|website|homepage|endpoint|webhook|callback)$/, ({ words }) => words.url()],
  [/(^|_)user_?agent$/, ({ words }) => words.userAgent()],
  [/(^|_)currency(_code)?$/, ({ words }) => words.currencyCode()],
  [/(^|_)(language|lang|locale)(_code|_tag)?$/, ({ words }) => words.languageCode()],
  [/(^|_)(time_?zone|tz)(_id|_name)?$/, ({ words }) => words.timeZone()],
  [/(^|_)(mime|content|media)_?type$/, ({ words }) => words.mimeType()],
  [/(^|_)colou?r$/, ({ words }) => words.color()],
  [/(^|_)(job(_?title)?|position|occupation|profession)$/, ({ words }) => words.jobTitle()],
  [/(^|_)(full|display|customer|author|owner|contact|recipient|person)_?name$|^(author|owner|recipient)$/, fullName],
  [/(^|_)(description|summary|about|bio|comment|note|message|text|content|body|reason|details?|caption)$/, prose],
  [/(^|_)(title|subject|headline)$/, ({ words }) => words.sentence().replace(/\.$/, "")],
  [/(^|_)slug$/, ({ words }) => `${words.word()}-${words.word()}`.toLowerCase().replace(/[^a-z-]/g, "")],
  [/(^|_)sku$/, ({ random }) => `SKU-${random.int(10_000, 99_999)}`],
  [/(^|_)(semver|version)$/, ({ random }) => `${random.int(0, 9)}.${random.int(0, 20)}.${random.int(0, 20)}`],
  [/(^|_)(token|secret|password|api_?key|hash|checksum|digest|etag|signature|nonce|cursor)$/, hex],
  [/(^|_)(id|uid|uuid|guid|key)$/, ({ random }) => uuid(random)],
  [/(^|_)(date|day|birthday|dob)$/, ({ random, options }) => time(random.int(-365, 0), options.now).slice(0, 10)],
  [/(_at|_time|timestamp|datetime)$/, ({ random, options }) => time(random.int(-365, 0), options.now)],
  [/(^|_)(price|amount)$/, ({ random }) => `${random.int(1, 999)}.${random.int(10, 99)}`],
];

/** The names of messages whose field `name` is that of a person or of a company. */
const NAMES_OF_MESSAGES: readonly (readonly [message: RegExp, text: Text])[] = [
  [/(user|person|customer|author|employee|contact|member|profile|account)/i, fullName],
  [/(company|organi[sz]ation|vendor|merchant|tenant)/i, ({ words }) => words.company()],
  [/(product|item|article|good)/i, ({ words }) => words.product()],
  [/(city|town)/i, ({ words }) => words.city()],
  [/(country)/i, ({ words }) => words.country()],
  [/(file|attachment|document)/i, ({ words }) => words.fileName()],
];

/** A text that the field is likely to have. */
export function textByName({ field, part }: Slot, context: Context): string {
  const parent = field.parent.name;
  const name = part === "key" ? "word" : snakeCase(part === "item" ? singular(field.name) : field.name);
  if (name === "name") {
    const text = NAMES_OF_MESSAGES.find(([pattern]) => pattern.test(parent))?.[1];
    if (text !== undefined) return text(context);
  }
  return (BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? (({ words }) => words.word()))(context);
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

function singular(name: string): string {
  return name
    .replace(/(address)es$/i, "$1")
    .replace(/(cit|countr|compan|categor)ies$/i, "$1y")
    .replace(/([^s])s$/i, "$1");
}

function fullName({ words }: Pick<Context, "words">): string {
  return words.fullName();
}

function prose({ words }: Pick<Context, "words">): string {
  return words.sentence();
}

function hex({ random }: Pick<Context, "random">): string {
  return uuid(random).replaceAll("-", "");
}

/** RFC 3339, some days from now. */
function time(days: number, now: number): string {
  return new Date(now + days * 86_400_000).toISOString();
}
