// Texts of the formats that protovalidate knows, longer ones on demand.
import type { Random } from "../random.ts";
import type { Words } from "../words/words.ts";
import { ipV4, ipV6, prefixV4, prefixV6 } from "./addresses.ts";
import type { RulesOfFormat } from "./format-names.ts";
import { ulid, uuid } from "./identifiers.ts";

export interface FormatSource {
  readonly random: Random;
  readonly words: Words;
}

/** Makes a text of the format with at least so many characters, where the format allows it. */
type Format = (source: FormatSource, atLeast: number) => string;

const FORMATS: Readonly<Record<RulesOfFormat, Format>> = {
  email: ({ words, random }, atLeast) => {
    const address = words.email();
    if (address.length >= atLeast) return address;
    const local = padded("a", Math.min(64, atLeast - 12), random);
    return `${local}@${hostOf(atLeast - local.length - 1, words, random)}`;
  },
  hostname: ({ words, random }, atLeast) => hostOf(atLeast, words, random),
  address: (source, atLeast) => {
    const { random } = source;
    return atLeast > 15 || random.chance(0.6) ? FORMATS.hostname(source, atLeast) : ipV4(random);
  },
  ip: ({ random }, atLeast) => (atLeast > 15 || random.chance(0.3) ? ipV6(random) : ipV4(random)),
  ipv4: ({ random }) => ipV4(random),
  ipv6: ({ random }) => ipV6(random),
  ipWithPrefixlen: ({ random }) => (random.chance(0.7) ? `${ipV4(random)}/24` : `${ipV6(random)}/64`),
  ipv4WithPrefixlen: ({ random }) => `${ipV4(random)}/${random.int(8, 30)}`,
  ipv6WithPrefixlen: ({ random }) => `${ipV6(random)}/${random.int(32, 64)}`,
  ipPrefix: ({ random }) => (random.chance(0.7) ? prefixV4(random) : prefixV6(random)),
  ipv4Prefix: ({ random }) => prefixV4(random),
  ipv6Prefix: ({ random }) => prefixV6(random),
  uri: ({ words, random }, atLeast) => padded(words.url(), atLeast, random),
  uriRef: ({ words, random }, atLeast) =>
    padded(random.chance(0.5) ? words.url() : `/${words.word()}`, atLeast, random),
  uuid: ({ random }) => uuid(random),
  tuuid: ({ random }) => uuid(random).replaceAll("-", ""),
  ulid: ({ random }) => ulid(random),
  hostAndPort: ({ words, random }, atLeast) => `${hostOf(atLeast - 5, words, random)}:${random.int(1024, 65_535)}`,
  protobufFqn: ({ words, random }, atLeast) => padded(typeName(words), atLeast, random),
  protobufDotFqn: ({ words, random }, atLeast) => padded(`.${typeName(words)}`, atLeast, random),
  headerName: ({ words, random }, atLeast) => padded(`x-${words.word()}`, atLeast, random),
  headerValue: ({ words, random }, atLeast) => padded(words.word(), atLeast, random),
};

/** A text of the format. */
export function textOfFormat(format: RulesOfFormat, source: FormatSource, atLeast = 0): string {
  return FORMATS[format](source, atLeast);
}

/** The text, with letters after it. */
export function padded(text: string, atLeast: number, random: Random): string {
  let longer = text;
  while (longer.length < atLeast) longer += String.fromCharCode(random.int(0x61, 0x7a));
  return longer;
}

/** A host name of at least so many characters, up to the 253 that it can have, in labels of at most 63. */
function hostOf(atLeast: number, words: Words, random: Random): string {
  let host = words.hostname();
  while (host.length < Math.min(atLeast, 253)) {
    const missing = Math.min(atLeast, 253) - host.length;
    host = missing === 1 ? `a${host}` : `${padded("", Math.min(60, missing - 1), random)}.${host}`;
  }
  return host;
}

function typeName(words: Words): string {
  const letters = (text: string) => text.replace(/[^a-z]/gi, "").toLowerCase() || "thing";
  const name = letters(words.word());
  return `${letters(words.word())}.v1.${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
