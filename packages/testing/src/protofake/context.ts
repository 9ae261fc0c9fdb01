// What the making of one fake carries along.
import type { DescMessage, Registry } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { SearchTime } from "./making/search-time.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Random } from "./random.ts";
import type { Judge } from "./rules/judge.ts";
import type { Slot, Value } from "./slot.ts";
import type { Words } from "./words/words.ts";

export interface Context {
  readonly random: Random;
  readonly words: Words;
  readonly options: ResolvedOptions;
  readonly judge: Judge;
  readonly searchTime: SearchTime;
  /** The types and extensions that are known: those of the option and those of the schema's file. */
  readonly registry: Registry;
  /** Finds a value for the slot. @throws FakeError */
  solve(slot: Slot, accepts?: (value: Value) => boolean): Value;
  /** Makes a valid message. @throws FakeError */
  message(desc: DescMessage, outside: Outside): ReflectMessage;
}

/** Where a message is to be. */
export interface Outside extends Pick<Slot, "path" | "around"> {
  readonly overrides?: object | undefined;
}
