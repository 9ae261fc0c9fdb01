// A stream of given messages.
import { knownOptions, type OptionNames } from "../options/known-options.ts";
import { checkDelay, delay } from "./delay.ts";

export interface MockStreamOptions {
  /** The wait before each item, the first one too, in milliseconds. Default: none. */
  delayMs?: number | undefined;
}

const names = { delayMs: true } satisfies OptionNames<MockStreamOptions>;

/**
 * A stream that can be read any number of times: each iteration begins again, reads the array as it is at that moment,
 * and may be left early. Items are yielded as they are, not as copies.
 *
 * @throws RangeError for a delay that no timer can have
 * @throws TypeError for items that are no array, and for an option that does not exist
 */
export function createMockStream<T>(items: readonly T[], options?: MockStreamOptions): AsyncIterable<T> {
  const { delayMs } = knownOptions("createMockStream", options, names);
  if (!Array.isArray(items)) throw new TypeError(`createMockStream: items must be an array, not ${typeof items}`);
  const ms = delayMs ?? 0;
  checkDelay("createMockStream: delayMs", ms);
  return {
    async *[Symbol.asyncIterator]() {
      for (const item of items) {
        await delay(ms);
        yield item;
      }
    },
  };
}
