// The echo service under load.
import { openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { EchoImpl } from "../../__test__/support/echo-calls.ts";
import { EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { BREAK, CAUSE, FAIL, refusal, SLOW, SLOW_MS, WAIT } from "../directives.ts";
import type { Activity } from "./activity.ts";
import type { Fault } from "./faults.ts";

/** Handlers that report to `activity` and make these mistakes. */
export function handlers(activity: Activity, faults: ReadonlySet<Fault>): EchoImpl {
  const mistakes = new Mistakes(faults);
  const unary: EchoImpl["echo"] = async ({ text, payload }, context) => {
    const end = activity.begin(context);
    try {
      echoMetadata(context);
      await obey(text, context, mistakes);
      return { text: mistakes.wrong() ? `${text}!` : text, payload };
    } finally {
      end();
    }
  };
  return {
    echo: unary,
    echoGet: unary,
    async *echoServerStream({ text, count, payload }, context) {
      const end = activity.begin(context);
      try {
        echoMetadata(context);
        for (let index = 0; index < count; index += 1) yield { text, index, payload };
        await obey(text, context, mistakes);
      } finally {
        end();
      }
    },
    async echoClientStream(requests, context) {
      const end = activity.begin(context);
      try {
        echoMetadata(context);
        const texts: string[] = [];
        let bytes = 0;
        for await (const { text, payload } of requests) {
          texts.push(text);
          bytes += payload.byteLength;
          await obey(text, context, mistakes);
        }
        return { text: texts.join(","), index: bytes };
      } finally {
        end();
      }
    },
    async *echoBidiStream(requests, context) {
      const end = activity.begin(context);
      try {
        echoMetadata(context);
        let index = 0;
        for await (const { text, payload } of requests) {
          yield { text, index, payload };
          index += 1;
          await obey(text, context, mistakes);
        }
      } finally {
        end();
      }
    },
  };
}

/** Returns `x-ask` as header and trailer. */
function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const asked = requestHeader.get("x-ask");
  if (asked === null) return;
  responseHeader.set("x-header", asked);
  responseTrailer.set("x-trailer", asked);
}

async function obey(text: string, { signal }: HandlerContext, mistakes: Mistakes): Promise<void> {
  mistakes.leak();
  switch (text) {
    case FAIL: {
      const detail = { desc: EchoResponseSchema, value: { text: refusal.detail } };
      throw new ConnectError(refusal.text, refusal.code, { "x-reason": refusal.reason }, [detail]);
    }
    case BREAK:
      throw new Error(CAUSE);
    case WAIT:
      if (mistakes.deaf()) await new Promise<never>(() => {});
      return untilAborted(signal);
    case SLOW:
      // The time that the call has to take.
      await sleep(SLOW_MS);
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The faults, if there are any. */
class Mistakes {
  readonly #faults: ReadonlySet<Fault>;
  readonly #kept: number[][] = [];
  /** How often each could have been made. */
  readonly #chances: Record<Fault, number> = { memory: 0, handler: 0, descriptor: 0, answer: 0 };

  constructor(faults: ReadonlySet<Fault>) {
    this.#faults = faults;
  }

  /** Keeps memory, or a descriptor, after the call. */
  leak(): void {
    if (this.#makes("memory", 1)) this.#kept.push(Array.from({ length: 4_096 }, (_, at) => at));
    if (this.#makes("descriptor", 50)) openSync("/dev/null", "r");
  }

  /** Whether a handler does not hear that its call is over. */
  deaf(): boolean {
    return this.#makes("handler", 10);
  }

  /** Whether an answer is wrong. */
  wrong(): boolean {
    return this.#makes("answer", 20);
  }

  /** True once in so many times, if the fault is asked for. */
  #makes(fault: Fault, times: number): boolean {
    this.#chances[fault] += 1;
    return this.#faults.has(fault) && this.#chances[fault] % times === 0;
  }
}
