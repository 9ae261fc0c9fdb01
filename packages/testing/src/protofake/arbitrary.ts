// Fakes as an arbitrary of fast-check.
import { type DescField, type DescMessage, isMessage, type MessageShape } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import * as fc from "fast-check";
import { checkOverrides } from "./check-overrides.ts";
import { checkSchema, fakeOf } from "./fake.ts";
import { registryOf } from "./known-types.ts";
import { FAKE_KEYS, type FakeOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import type { Given } from "./overrides.ts";
import { Judge } from "./rules/judge.ts";
import { simplerMessages } from "./shrinking/simpler-messages.ts";

/** The options of fakes, but for the seed: fast-check has its own. */
export type ArbitraryOptions<Desc extends DescMessage> = Omit<FakeOptions<Desc>, "seed">;

/**
 * Messages of this type for properties of fast-check, with more values at the ends of ranges, and with more empty and
 * strange ones, than `fake` has. A message for which a property fails shrinks to one with fewer
 * fields, shorter lists and smaller values, which is valid too.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(arbitrary(UserSchema), (user) => decode(encode(user)).id === user.id));
 * ```
 * @throws TypeError like `fake`
 */
export function arbitrary<Desc extends DescMessage>(
  schema: Desc,
  options: ArbitraryOptions<Desc> = {},
): fc.Arbitrary<MessageShape<Desc>> {
  checkSchema(schema);
  const made = new FakeArbitrary(schema, options);
  if (options.overrides !== undefined) checkOverrides(schema, options.overrides);
  return made;
}

const { seed: _, ...ARBITRARY_KEYS } = FAKE_KEYS;

class FakeArbitrary<Desc extends DescMessage> extends fc.Arbitrary<MessageShape<Desc>> {
  readonly #schema: Desc;
  readonly #options: ResolvedOptions;
  readonly #judge: Judge;
  readonly #given: Given | undefined;

  constructor(schema: Desc, options: ArbitraryOptions<Desc>) {
    super();
    this.#schema = schema;
    this.#options = resolveOptions("arbitrary", options, ARBITRARY_KEYS);
    this.#judge = new Judge(registryOf(schema, options.registry), options.now !== undefined);
    this.#given = options.overrides as Given | undefined;
  }

  override generate(random: fc.Random): fc.Value<MessageShape<Desc>> {
    const options = { ...this.#options, seed: random.nextInt(), withEdges: true };
    return new fc.Value(fakeOf(this.#schema, options, this.#given), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is MessageShape<Desc> {
    return isMessage(value, this.#schema);
  }

  override shrink(value: MessageShape<Desc>): fc.Stream<fc.Value<MessageShape<Desc>>> {
    return fc.stream(this.#simpler(value)).map((simpler) => new fc.Value(simpler, undefined));
  }

  *#simpler(value: MessageShape<Desc>): Generator<MessageShape<Desc>, void, undefined> {
    // What an override breaks stays broken, and nothing else may break.
    const most = this.#judge.ofMessage(reflect(this.#schema, value)).length;
    const isGiven = (field: DescField) => Object.hasOwn(this.#given ?? {}, field.oneof?.localName ?? field.localName);
    for (const message of simplerMessages(this.#schema, value, isGiven)) {
      const simpler = message as MessageShape<Desc>;
      if (this.#judge.ofMessage(reflect(this.#schema, simpler)).length <= most) yield simpler;
    }
  }
}
