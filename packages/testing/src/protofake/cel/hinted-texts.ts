// Texts from hints: literals, what they are the beginning, the middle or the end of, lengths, patterns and formats.
import type { Context } from "../context.ts";
import { textsOfPattern } from "../patterns/texts-of-pattern.ts";
import { padded, textOfFormat } from "../values/string-formats.ts";
import type { Hints } from "./hints.ts";

/** Longer texts are not made of literals. */
const LONGEST = 10_000;
const PER_PATTERN = 10;
const MOST_PARTS = 20;
const MOST_TOGETHER = 5;

/** A bounded number of texts. */
export function* hintedTexts(hints: Hints, context: Context): Generator<string> {
  const { random, words } = context;
  const literals = random.shuffle(hints.strings);
  yield* literals;
  for (const format of hints.formats) {
    for (let count = 0; count < 4; count++) {
      const text = textOfFormat(format, context);
      yield text;
      // Grafted onto the text: an address that begins or ends so.
      const place = random.int(0, text.length);
      for (const literal of literals) yield* [literal + text.slice(place), text.slice(0, place) + literal];
    }
  }
  for (const pattern of hints.patterns) {
    yield* first(textsOfPattern(pattern, random));
    for (const literal of literals) {
      yield* first(textsOfPattern(pattern, random, { prefix: literal }));
      yield* first(textsOfPattern(pattern, random, { suffix: literal }));
    }
  }
  yield* joined(hints, context);
  const word = words.word();
  const lengths = [...hints.numbers]
    .flatMap((hint) => [Number(hint), Number(hint) + 1, Number(hint) - 1])
    .filter((length) => length >= 0 && length <= LONGEST);
  for (const pattern of hints.patterns) {
    for (const length of lengths) yield* first(textsOfPattern(pattern, random, { least: length, most: length }), 2);
  }
  // A text with something for each pattern, as rules of passwords want it.
  for (let count = 0; hints.patterns.size > 1 && count < PER_PATTERN; count++) {
    const each = random.shuffle(hints.patterns).flatMap((pattern) => [...first(textsOfPattern(pattern, random), 1)]);
    yield each.join("");
    for (const length of lengths) yield padded(each.join(""), length, random);
  }
  for (const literal of literals) yield* [literal + word, word + literal, word + literal + word];
  for (const first of literals) {
    for (const last of literals) {
      yield* [first + last, first + word + last];
      for (const length of lengths) yield padded(first, length - last.length, random) + last;
    }
  }
  yield* threeTogether(literals.slice(0, MOST_TOGETHER), lengths, random);
  yield* [word, word.toUpperCase(), word.toLowerCase(), "", "a", "A", "1", `${word}1`, `${word} ${words.word()}`];
  for (const text of [word, ...literals]) {
    for (const length of lengths) {
      yield padded(text, length, random).slice(0, length);
      yield padded("", Math.max(0, length - text.length), random) + text;
    }
  }
  for (const hint of hints.numbers) {
    yield String(hint);
    // As numbers in texts are compared: `int(this) > 500`.
    if (Number.isSafeInteger(Number(hint))) yield* [String(Number(hint) + 1), String(Number(hint) - 1)];
  }
}

/** A beginning, a middle and an end, of the lengths: `startsWith`, `contains` and `endsWith` of one text. */
function* threeTogether(literals: readonly string[], lengths: readonly number[], random: Context["random"]) {
  for (const start of literals) {
    for (const middle of literals) {
      for (const end of literals) {
        if (new Set([start, middle, end]).size < 3) continue;
        yield start + middle + end;
        for (const length of lengths) yield padded(start + middle, length - end.length, random) + end;
      }
    }
  }
}

/** So many parts with a literal between them, as `split` takes them apart. */
function* joined({ strings, patterns, numbers, splits }: Hints, { random, words }: Context): Generator<string> {
  if (!splits) return;
  const counts = [...numbers].map(Number).flatMap((number) => [number, number + 1]);
  const few = new Set(counts.filter((count) => Number.isInteger(count) && count > 0 && count <= MOST_PARTS));
  const parts = [() => words.word(), ...[...patterns].map((pattern) => () => partOf(pattern, random))];
  for (const literal of strings) {
    for (const count of few) {
      for (const part of parts) yield Array.from({ length: count }, part).join(literal);
    }
  }
}

function partOf(pattern: string, random: Context["random"]): string {
  const [text = ""] = textsOfPattern(pattern, random);
  return text;
}

function* first(texts: Iterable<string>, most = PER_PATTERN): Generator<string> {
  let count = 0;
  for (const text of texts) {
    if (count++ === most) return;
    yield text;
  }
}
