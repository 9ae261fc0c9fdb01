// A call, made to its end, with everything that came of it.
import { ConnectError } from "@connectrpc/connect";
import type { EchoCall, EchoRequestInit } from "../__test__/clients/echo-call.ts";
import type { EchoResponse } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import type { SoakClient } from "./clients.ts";

export interface Asked extends Partial<Omit<EchoCall, "requests" | "kind">> {
  readonly kind: EchoCall["kind"];
  readonly requests: readonly EchoRequestInit[] | AsyncIterable<EchoRequestInit>;
}

export interface Outcome {
  readonly messages: readonly EchoResponse[];
  readonly header: Headers;
  readonly trailer: Headers;
  readonly error: ConnectError | undefined;
}

/** Makes a call; an error of the call is part of its outcome. */
export async function outcomeOf({ call }: SoakClient, asked: Asked): Promise<Outcome> {
  const messages: EchoResponse[] = [];
  const whole: EchoCall = {
    metadata: [],
    timeoutMs: undefined,
    signal: new AbortController().signal,
    ...asked,
    requests: Symbol.asyncIterator in asked.requests ? asked.requests : inTurn(asked.requests),
    onMessage(message) {
      messages.push(message);
      asked.onMessage?.(message);
    },
  };
  try {
    return { ...(await call(whole)), messages, error: undefined };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return { header: new Headers(), trailer: new Headers(), messages, error };
  }
}

/** Makes a call that has to succeed. */
export async function success(client: SoakClient, asked: Asked): Promise<Outcome> {
  const outcome = await outcomeOf(client, asked);
  if (outcome.error !== undefined) throw outcome.error;
  return outcome;
}

async function* inTurn(requests: readonly EchoRequestInit[]) {
  yield* requests;
}
