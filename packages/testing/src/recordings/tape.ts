// The recorded calls of a file, each of which is answered again.
import { isDeepStrictEqual } from "node:util";
import type { DescMethod, Message, Registry } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { difference } from "./difference.ts";
import { parseCalls, type ReadCall } from "./parse-calls.ts";
import type { RecordedMessage } from "./recorded-call.ts";
import { chosenHeaders } from "./recorded-fields.ts";
import { comparedRecording, messageOf } from "./recorded-message.ts";

export class Tape {
  readonly #name: string;
  readonly #registry: Registry | undefined;
  /** By method, in their order. */
  readonly #calls = new Map<string, ReadCall[]>();
  /** The methods whose requests are those that are compared. Their types are not known before. */
  readonly #comparable = new Set<string>();
  /** Those that were answered, and when: 1 is the first. */
  readonly #uses = new Map<ReadCall, number>();
  #useCount = 0;

  /**
   * @param name of the file, for errors
   * @param registry has the types in `Any`
   * @throws TypeError for a line that is no call
   */
  constructor(text: string, name: string, registry: Registry | undefined) {
    this.#name = name;
    this.#registry = registry;
    for (const call of parseCalls(text, name)) {
      this.#calls.set(call.method, [...(this.#calls.get(call.method) ?? []), call]);
    }
  }

  /**
   * The calls that may be the same as a new one, as `inOrder()` has them.
   *
   * @throws ConnectError `unimplemented` for a method without a recorded call; `invalid_argument` if all of them had
   *   other headers
   */
  candidates(method: DescMethod, header: Headers): ReadCall[] {
    const name = nameOf(method);
    const all = this.inOrder(this.#callsOf(method, name));
    if (all.length === 0) {
      const known = [...this.#calls.keys()].join(", ") || "nothing";
      throw new ConnectError(`replay: ${this.#name} has no call of ${name}, but ${known}`, Code.Unimplemented);
    }
    const given = ({ headers }: ReadCall) => chosenHeaders(header, Object.keys(headers));
    const equal = all.filter((call) => isDeepStrictEqual(given(call), call.headers));
    const [first] = all;
    if (equal.length > 0 || first === undefined) return equal;
    throw this.#differs(name, "headers", all.length, given(first), first.headers);
  }

  /**
   * First those that were not answered yet, as they are; then the others, the last one first, so that a call can be
   * made more often than it was recorded.
   */
  inOrder(calls: readonly ReadCall[]): ReadCall[] {
    const lastUse = (call: ReadCall) => this.#uses.get(call) ?? 0;
    const used = calls.filter((call) => lastUse(call) > 0).sort((one, other) => lastUse(other) - lastUse(one));
    return [...calls.filter((call) => lastUse(call) === 0), ...used];
  }

  #callsOf({ input }: DescMethod, name: string): ReadCall[] {
    const calls = this.#calls.get(name) ?? [];
    if (calls.length === 0 || this.#comparable.has(name)) return calls;
    this.#comparable.add(name);
    const compared = calls.map((call) => ({
      ...call,
      requests: call.requests.map((request) => comparedRecording(input, request, this.#registry)),
    }));
    this.#calls.set(name, compared);
    return compared;
  }

  /** Notes that a call is answered. */
  use(call: ReadCall): void {
    this.#useCount += 1;
    this.#uses.set(call, this.#useCount);
  }

  /** @throws ConnectError `data_loss` for a response that was not recorded, or is none of the method */
  response({ output }: DescMethod, call: ReadCall, index: number): Message {
    const response = call.responses[index];
    const place = `line ${call.line} of ${this.#name}`;
    if (response === undefined) {
      const text = `replay: ${place} has neither a response nor an error, and ${call.method} has one response`;
      throw new ConnectError(text, Code.DataLoss);
    }
    try {
      return messageOf(output, response.message, this.#registry);
    } catch (error) {
      const { message } = error as Error;
      const text = `replay: responses[${index}] in ${place} is no ${output.typeName}: ${message}`;
      throw new ConnectError(text, Code.DataLoss, undefined, undefined, error);
    }
  }

  /** The error for requests that no recorded call has had, with the difference from the next one. */
  noSuchRequests(method: DescMethod, given: readonly RecordedMessage[], candidates: readonly ReadCall[]): ConnectError {
    const [next] = candidates;
    const expected = method.methodKind === "unary" ? next?.requests[0] : next?.requests;
    const actual = method.methodKind === "unary" ? given[0] : given;
    return this.#differs(nameOf(method), "request", candidates.length, actual, expected);
  }

  #differs(name: string, what: string, count: number, given: unknown, recorded: unknown): ConnectError {
    const text = `replay: the ${what} of ${name} differs from ${count === 1 ? "the call" : `all ${count} calls`}`;
    return new ConnectError(`${text} in ${this.#name}\n${difference(given, recorded)}`, Code.InvalidArgument);
  }
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
