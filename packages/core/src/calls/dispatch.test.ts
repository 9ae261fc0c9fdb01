// The dispatcher: what goes wrong with one record of a batch, or within its handler, is no other call's problem.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import { onAbort } from "@connectum/hooks";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import {
  INBOUND_CALL,
  INBOUND_CODE,
  INBOUND_END_BYTES,
  INBOUND_END_MORE,
  INBOUND_KIND,
  INBOUND_MESSAGE_LENGTH,
  INBOUND_METHOD,
  INBOUND_RECORD,
  INBOUND_TEXT_LENGTH,
  INBOUND_TIMEOUT,
  KIND_ABORTED,
  KIND_CALL,
  LENGTH_ABSENT,
  LENGTH_OVERSIZED,
  type NativeCalls,
  type NativeFailure,
  NO_DEADLINE,
  OUTBOUND_CALL,
  OUTBOUND_LENGTH,
  OUTBOUND_RECORD,
  READ_NOTHING,
} from "../boundary/native.ts";
import type { Logger } from "../options/logger.ts";
import { mount } from "../services/router.ts";
import { Dispatcher } from "./dispatch.ts";

/** A record of a batch: a call of `Echo` with a text, an oversized one, a request stream, or the end of a call. */
interface InboundRecord {
  readonly call: number;
  readonly text?: string;
  readonly method?: "EchoClientStream";
  readonly isAborted?: true;
}

const HEAD = "http://localhost/connectum.test.v1.EchoService/Echo";

/** A dispatcher of the handlers given, and all that it sends. `ring` is its doorbell, for which `batches` wait. */
function dispatching(
  handlers: Partial<ServiceImpl<typeof EchoService>>,
  native: Partial<NativeCalls> = {},
  interceptors: Interceptor[] = [],
  onTake: (maxCalls: number) => void = () => {},
) {
  const batches: InboundRecord[][] = [];
  const responses: [number, string][] = [];
  const failures: [number, NativeFailure][] = [];
  const logged: unknown[][] = [];
  const table = mount({ services: [(router) => router.service(EchoService, handlers)], interceptors });
  const indexOf = (name: string) => table.routes.findIndex(({ method }) => method.name === name);
  const take: NativeCalls["take"] = (maxCalls, records, bytes, offset) => {
    onTake(maxCalls);
    const batch = batches.shift() ?? [];
    let end = offset;
    const append = (part: Uint8Array) => {
      bytes.set(part, end);
      end += part.length;
      return part.length;
    };
    for (const [index, { call, text, method, isAborted }] of batch.entries()) {
      const record = records.subarray(index * INBOUND_RECORD).fill(0, 0, INBOUND_RECORD);
      record[INBOUND_CALL] = call;
      record[INBOUND_KIND] = isAborted ? KIND_ABORTED : KIND_CALL;
      record[INBOUND_METHOD] = indexOf(method ?? "Echo");
      record[INBOUND_TIMEOUT] = NO_DEADLINE;
      record[INBOUND_TEXT_LENGTH] = text === undefined ? LENGTH_OVERSIZED : append(Buffer.from(HEAD));
      record[INBOUND_MESSAGE_LENGTH] = text === undefined ? LENGTH_ABSENT : append(echoRequest(text));
      if (method !== undefined || isAborted) record[INBOUND_TEXT_LENGTH] = 0;
      if (isAborted) record[INBOUND_CODE] = Code.Canceled;
    }
    records[batch.length * INBOUND_RECORD + INBOUND_END_MORE] = 0;
    records[batch.length * INBOUND_RECORD + INBOUND_END_BYTES] = end - offset;
    return batch.length;
  };
  const submit: NativeCalls["submit"] = (records, bytes, count) => {
    let begin = 0;
    for (let at = 0; at < count * OUTBOUND_RECORD; at += OUTBOUND_RECORD) {
      const end = begin + (records[at + OUTBOUND_LENGTH] as number);
      const { text } = fromBinary(EchoResponseSchema, bytes.subarray(begin, end));
      responses.push([records[at + OUTBOUND_CALL] as number, text]);
      begin = end;
    }
  };
  const fail: NativeCalls["fail"] = (call, failure) => void failures.push([call, failure]);
  const ignore = () => {};
  const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error: (...entry) => void logged.push(entry) };
  let ring = ignore;
  const dispatcher = new Dispatcher(
    (doorbell) => {
      ring = doorbell;
      // It calls no other method.
      const read = () => READ_NOTHING;
      return {
        take,
        read,
        submit,
        fail,
        flush: ignore,
        isAwaited: () => true,
        connection: () => 0,
        peer: () => null,
        ...native,
      } as unknown as NativeCalls;
    },
    table,
    logger,
    ignore,
  );
  return { dispatcher, batches, responses, failures, logged, ring: () => ring() };
}

const echoRequest = (text: string) => toBinary(EchoRequestSchema, create(EchoRequestSchema, { text }));
const turn = () => new Promise((resolve) => setImmediate(resolve));

const fault = new Error("a fault");
const internalError = {
  code: Code.Internal,
  message: "internal error",
  details: [],
  metadata: null,
  header: null,
  trailer: null,
};

test("a call that cannot be started fails with an internal error, and the others of its batch are served", () => {
  const { batches, responses, failures, logged, ring } = dispatching(
    { echo: ({ text }) => ({ text }) },
    {
      oversizedCall() {
        throw fault;
      },
    },
  );
  batches.push([{ call: 1, text: "first" }, { call: 2 }, { call: 3, text: "third" }], [{ call: 4, text: "later" }]);
  ring();
  ring();
  assert.deepEqual(responses, [
    [1, "first"],
    [3, "third"],
    [4, "later"],
  ]);
  assert.deepEqual(failures, [[2, internalError]]);
  assert.deepEqual(logged, [["the server failed to handle a call", fault]]);
});

test("an abort listener that throws is logged, its handler is told, and the others of its batch are served", async () => {
  let end: unknown;
  const handlers: Partial<ServiceImpl<typeof EchoService>> = {
    echo: ({ text }) => ({ text }),
    async echoClientStream(requests) {
      try {
        for await (const _ of requests);
      } catch (error) {
        end = error;
      }
      return {};
    },
  };
  const failing: Interceptor = (next) => (request) => {
    if (request.stream) {
      onAbort(request, () => {
        throw fault;
      });
    }
    return next(request);
  };
  const { batches, responses, failures, logged, ring } = dispatching(handlers, {}, [failing]);
  batches.push(
    [{ call: 1, method: "EchoClientStream" }],
    [
      { call: 1, isAborted: true },
      { call: 2, text: "second" },
    ],
  );
  ring();
  await turn();
  ring();
  await turn();
  assert.deepEqual(responses, [[2, "second"]]);
  assert.ok(end instanceof ConnectError && end.code === Code.Canceled, String(end));
  assert.deepEqual(logged, [["the server failed to handle a call", fault]]);
  assert.deepEqual(failures, [[1, internalError]]);
});

test("all streams hear of a shutdown, even if an abort listener of one throws", async () => {
  const heard: number[] = [];
  const listening: Interceptor = (next) => (request) => {
    const stream = heard.push(0);
    onAbort(request, () => {
      heard[stream - 1] = stream;
      if (stream === 1) throw fault;
    });
    return next(request);
  };
  const { dispatcher, batches, logged, ring } = dispatching(
    { echoClientStream: () => new Promise<never>(() => {}) },
    {},
    [listening],
  );
  batches.push([
    { call: 1, method: "EchoClientStream" },
    { call: 2, method: "EchoClientStream" },
  ]);
  ring();
  await turn();
  dispatcher.abortStreams(new ConnectError("the server is shutting down", Code.Unavailable));
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(logged, [["the server failed to handle a call", fault]]);
});

test("a handler that runs the event loop mixes no calls: the others of its batch, and new ones, are served meanwhile", () => {
  const served: string[] = [];
  const { batches, responses, ring } = dispatching({
    echo({ text }) {
      if (text === "first" || text === "third") ring();
      served.push(text);
      return { text };
    },
  });
  batches.push(
    [
      { call: 1, text: "first" },
      { call: 2, text: "second" },
      { call: 3, text: "third" },
      { call: 4, text: "fourth" },
    ],
    [
      { call: 5, text: "fifth" },
      { call: 6, text: "sixth" },
    ],
  );
  ring();
  assert.deepEqual(served, ["second", "fourth", "fifth", "sixth", "third", "first"]);
  assert.deepEqual(
    responses.sort(([one], [other]) => one - other),
    ["first", "second", "third", "fourth", "fifth", "sixth"].map((text, index) => [index + 1, text]),
  );
});

test("a nested turn that completes a batch of more calls than it would take asks for one more, not for less than none", () => {
  const asked: number[] = [];
  const { batches, ring } = dispatching(
    {
      echo({ text }) {
        if (text === "first") ring();
        return { text };
      },
    },
    {},
    [],
    (maxCalls) => asked.push(maxCalls),
  );
  batches.push(Array.from({ length: 9 }, (_, index) => ({ call: index, text: index === 0 ? "first" : "other" })));
  ring();
  assert.deepEqual(asked.slice(1), [1], `${asked} calls were asked for`);
});

test("after a turn whose calls took long, also once they had waited, the next one starts fewer", async () => {
  const asked: number[] = [];
  const busy = () => {
    const until = performance.now() + 4;
    while (performance.now() < until);
  };
  const { batches, ring } = dispatching(
    {
      async echo({ text }) {
        await Promise.resolve();
        if (text === "slow") busy();
        return { text };
      },
    },
    {},
    [],
    (maxCalls) => asked.push(maxCalls),
  );
  batches.push(
    [1, 2, 3].map((call) => ({ call, text: "slow" })),
    [{ call: 4, text: "quick" }],
  );
  ring();
  await turn();
  ring();
  await turn();
  assert.equal(asked.length, 2);
  assert.ok((asked[1] as number) <= 1, `${asked} calls were asked for: three of 4 ms are more than a turn may take`);
});

test("a turn that is long because streams read on does not make the next one start fewer", async () => {
  const asked: number[] = [];
  const { batches, ring } = dispatching(
    {
      async echo({ text }) {
        const until = performance.now() + 4;
        while (performance.now() < until);
        return { text };
      },
    },
    {},
    [],
    (maxCalls) => asked.push(maxCalls),
  );
  const started = [1, 2].map((call) => ({ call, text: "new" }));
  const events = Array.from({ length: 18 }, (_, index) => ({ call: 100 + index, isAborted: true as const }));
  batches.push([...started, ...events], [{ call: 3, text: "new" }]);
  ring();
  await turn();
  ring();
  await turn();
  assert.equal(asked[1], asked[0], "two of twenty records were new calls");
});
