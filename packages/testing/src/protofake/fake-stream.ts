// Messages for a stream.
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { shown } from "@connectum/hooks";
import { fake } from "./fake.ts";
import { FAKE_KEYS, type FakeOptions, resolveOptions } from "./options.ts";

/**
 * Messages of this type, each with other values: for a client's stream of requests, or as what a handler yields. It can
 * be iterated once. The message with the same number is the same for the same seed.
 *
 * @param length how many messages: a whole number from 0, or `Infinity`
 * @example
 * ```ts
 * const { count } = await client.importUsers(fakeStream(UserSchema, 5, { seed: 1 }));
 * ```
 * @throws like `fake`: at once if the first message cannot be made, and during the iteration otherwise
 */
export function fakeStream<Desc extends DescMessage>(
  schema: Desc,
  length: number,
  options: FakeOptions<Desc> = {},
): AsyncGenerator<MessageShape<Desc>, void, undefined> {
  if (length !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(length) || length < 0)) {
    throw new TypeError(`fakeStream: length must be an integer from 0, or Infinity, not ${shown(length)}`);
  }
  const { seed } = resolveOptions("fakeStream", options, FAKE_KEYS);
  const make = (index: number) => fake(schema, { ...options, seed: `${seed}/${index}` });
  const first = make(0);
  return (async function* () {
    for (let index = 0; index < length; index++) yield index === 0 ? first : make(index);
  })();
}
