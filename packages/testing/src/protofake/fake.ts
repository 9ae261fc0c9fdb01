// One message.
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { candidates } from "./candidates.ts";
import { checkOverrides } from "./check-overrides.ts";
import type { Context } from "./context.ts";
import { FakeError } from "./fake-error.ts";
import { registryOf } from "./known-types.ts";
import { makeMessage } from "./making/message.ts";
import { SearchTime } from "./making/search-time.ts";
import { solve } from "./making/solve.ts";
import { FAKE_KEYS, type FakeOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { Given } from "./overrides.ts";
import { Random } from "./random.ts";
import { isExcused } from "./rules/excused.ts";
import { Judge } from "./rules/judge.ts";
import type { Slot } from "./slot.ts";
import { knownMessages } from "./values/messages.ts";
import { fakerWords, installedFaker } from "./words/faker-words.ts";
import { plainWords } from "./words/plain-words.ts";
import type { Words } from "./words/words.ts";

/**
 * A message of this type with values that fit its names and its `buf.validate` rules. protovalidate has found it valid,
 * but for rules that are about what `overrides` give.
 *
 * @example
 * ```ts
 * const user = fake(UserSchema, { seed: 1, overrides: { name: "Ada" } });
 * ```
 * @throws TypeError for a schema that is none, a wrong option, and an override for a field that does not exist
 * @throws FakeError naming field and rule if no valid message was found
 */
export function fake<Desc extends DescMessage>(schema: Desc, options: FakeOptions<Desc> = {}): MessageShape<Desc> {
  checkSchema(schema);
  const resolved = resolveOptions("fake", options, FAKE_KEYS);
  if (options.overrides !== undefined) checkOverrides(schema, options.overrides);
  return fakeOf(schema, resolved, options.overrides as Given | undefined);
}

/** @throws TypeError if it is not the schema of a message */
export function checkSchema(schema: unknown): asserts schema is DescMessage {
  const { kind } = (schema ?? {}) as { kind?: unknown };
  if (kind === "message") return;
  const got = typeof kind === "string" ? `a descriptor of kind "${kind}"` : typeof schema;
  throw new TypeError(`the schema must be that of a message, such as UserSchema of user_pb.js, not ${got}`);
}

/** The same with options that are checked. */
export function fakeOf<Desc extends DescMessage>(
  schema: Desc,
  options: ResolvedOptions,
  overrides: Given | undefined,
): MessageShape<Desc> {
  const random = new Random(options.seed);
  const registry = registryOf(schema, options.registry);
  const context: Context = {
    random,
    words: wordsOf(options, random),
    options,
    registry,
    judge: new Judge(registry, options.ownNow),
    searchTime: new SearchTime(),
    solve: (slot, accepts) => solve(slot, context, accepts),
    message: (desc, outside) => makeMessage(desc, outside, context),
  };
  const message =
    makeKnown(schema, overrides, context) ?? makeMessage(schema, { path: "", around: [], overrides }, context);
  const complaint = context.judge.ofMessage(message).find((one) => !isExcused(one, schema, overrides));
  if (complaint !== undefined) {
    const { field, ruleId, text } = complaint;
    throw new FakeError({ typeName: schema.typeName, field, ruleId, complaint: text });
  }
  return message.message as MessageShape<Desc>;
}

function wordsOf({ faker }: ResolvedOptions, random: Random): Words {
  const chosen = faker === false ? undefined : (faker ?? installedFaker());
  return chosen === undefined ? plainWords(random) : fakerWords(chosen, random);
}

/** A type such as Timestamp, which is not made by its fields. */
function makeKnown(desc: DescMessage, overrides: Given | undefined, context: Context) {
  const field = desc.fields[0];
  if (overrides !== undefined || field === undefined) return undefined;
  // There is no field around it whose name could say more.
  const slot: Slot = { field, part: "field", rules: undefined, path: "", around: [], judged: false };
  const [first] = knownMessages(desc, slot, context, (inner) => candidates(inner, context)) ?? [];
  return first;
}
