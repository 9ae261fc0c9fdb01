// The logger: its lines for unary calls and streams, through functions, the console and pino.
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { pino } from "pino";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import {
  type AnyRequest,
  answering,
  failing,
  failingStream,
  messagesOf,
  type Next,
  rejection,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import {
  CredentialsSchema,
  LoginService,
  SessionSchema,
} from "../../../__test__/validation/gen/connectum/validation/v1/secrets_pb.js";
import { EchoRequestSchema, EchoResponseSchema } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { createLoggerInterceptor, type LoggerOptions } from "./logger.ts";

const PATH = "/connectum.test.v1.EchoService";

/** The lines of one call; durations read `?`. */
async function linesOf(call: (options: LoggerOptions) => Promise<unknown>): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  await call({
    logger: (text, ...rest) => void lines.push([text.replace(/\d+\.\d\dms$/, "?ms"), ...rest]),
  });
  return lines;
}

const loggedIn = () =>
  unaryRequest({
    method: LoginService.method.login,
    message: create(CredentialsSchema, { user: "ada", password: "s3cret", number: 5n }),
  });

const loggingIn: Next = async (request) => {
  const message = create(SessionSchema, { token: "s3cret", host: "a" });
  return { ...responseTo(request), message } as Awaited<ReturnType<Next>>;
};

// contract: LOG-1
test("it calls the console method of that level, as it was when the interceptor was created", async (t) => {
  for (const level of ["debug", "info", "warn", "error"] as const) {
    const lines = consoleLines(t, level);
    const interceptor = createLoggerInterceptor({ level });
    const later = consoleLines(t, level);
    await run(interceptor, answering(), unaryRequest());
    assert.deepEqual([lines.length, later.length], [3, 0]);
  }
  const debug = consoleLines(t, "debug");
  await run(createLoggerInterceptor(), answering(), unaryRequest());
  assert.equal(debug.length, 3);
});

// contract: LOG-1, LOG-4, LOG-7
test("unary: request, response, duration; with a function the level has no effect", async (t) => {
  const error = consoleLines(t, "error");
  const request = unaryRequest();
  const response = responseTo(request);
  const lines = await linesOf((options) =>
    run(createLoggerInterceptor({ ...options, level: "error" }), async () => response, request),
  );
  assert.deepEqual(lines, [
    [`RPC ${PATH}/Echo request`, request.message],
    [`RPC ${PATH}/Echo response`, response.message],
    [`RPC ${PATH}/Echo completed in ?ms`],
  ]);
  assert.equal(lines[0]?.[1], request.message);
  assert.equal(error.length, 0);
});

// contract: LOG-2
test("the path is that of the URL; an invalid URL is an error", async () => {
  const request = unaryRequest({ url: "http://example.com/prefix/a.B/C?x=1" });
  const [first] = await linesOf((options) => run(createLoggerInterceptor(options), answering(), request));
  assert.equal(first?.[0], "RPC /prefix/a.B/C request");
  assert.throws(() => run(createLoggerInterceptor(), answering(), unaryRequest({ url: "no url" })), TypeError);
});

// contract: LOG-3
test("health checks are not logged, unless skipHealthCheck is false", async () => {
  const request = unaryRequest();
  const service = { ...request.service, typeName: "grpc.health.v1.Health" };
  const check = { ...request, service };
  const calling = (skip: LoggerOptions) =>
    linesOf((options) => run(createLoggerInterceptor({ ...options, ...skip }), answering(), check));
  assert.equal((await calling({})).length, 0);
  assert.equal((await calling({ skipHealthCheck: false })).length, 3);
});

// contract: LOG-5, LOG-6, LOG-8, SC-17
test("shortcoming 17, the duration of a stream is wrong: each message is logged as it passes, and the time until the end", async () => {
  const request = streamRequest(["a", "b"]);
  const next: Next = async (given) => {
    assert.ok(given.stream);
    const messages = await messagesOf({ ...responseTo(given), message: given.message } as never);
    assert.equal(messages.length, 2);
    return responseTo(given);
  };
  const before = request.message;
  let lines: unknown[][] = [];
  let atHead = 0;
  lines = await linesOf(async ({ logger }) => {
    const log = logger as (text: string, ...rest: unknown[]) => void;
    let count = 0;
    const counting = (text: string, ...rest: unknown[]) => {
      count += 1;
      log(text, ...rest);
    };
    const response = await run(createLoggerInterceptor({ logger: counting }), next, request);
    atHead = count;
    await messagesOf(response);
  });
  assert.equal(request.message, before);
  assert.equal(atHead, 2);
  assert.deepEqual(lines, [
    [`STREAM ${PATH}/EchoBidiStream request`, create(EchoRequestSchema, { text: "a" })],
    [`STREAM ${PATH}/EchoBidiStream request`, create(EchoRequestSchema, { text: "b" })],
    [`STREAM ${PATH}/EchoBidiStream response`, create(EchoResponseSchema, { text: "answer" })],
    [`RPC ${PATH}/EchoBidiStream completed in ?ms`],
  ]);
});

// contract: LOG-6, SC-3, SC-17
test("shortcoming 17, errors are not logged: they are, those of streams too, before the duration", async () => {
  const error = new ConnectError("no");
  const calls: [string, AnyRequest, Next][] = [
    ["RPC", unaryRequest(), failing(error)],
    ["STREAM", streamRequest(), failing(error)],
    ["STREAM", streamRequest(), failingStream(error)],
  ];
  for (const [kind, request, next] of calls) {
    const lines = await linesOf(async (options) => {
      const call = async () => messagesOf(await run(createLoggerInterceptor(options), next, request));
      assert.equal(await rejection(call()), error);
    });
    const path = new URL(request.url).pathname;
    assert.deepEqual(lines.slice(-2), [[`${kind} ${path} error`, error], [`RPC ${path} completed in ?ms`]]);
  }
});

// contract: SC-17
test("shortcoming 17, whole messages are logged: fields marked debug_redact are hidden", async () => {
  const lines = await linesOf((options) => run(createLoggerInterceptor(options), loggingIn, loggedIn()));
  assert.deepEqual(lines[0]?.[1], create(CredentialsSchema, { user: "ada", password: "[REDACTED]", number: 5n }));
});

/** The lines that pino writes for one call. */
async function pinoLines(call: (options: LoggerOptions) => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(`${chunk}`));
      done();
    },
  });
  await call({ logger: pino({ level: "debug" }, stream), level: "info" });
  return lines;
}

// contract: SC-17
test("shortcoming 17, it writes texts only: through pino it writes fields, and messages as JSON", async () => {
  const lines = await pinoLines((options) => run(createLoggerInterceptor(options), loggingIn, loggedIn()));
  const [request, response, completed] = lines;
  const rpc = "/connectum.validation.v1.LoginService/Login";
  assert.deepEqual(
    [request?.["rpc"], request?.["msg"], request?.["level"], request?.["request"]],
    [rpc, `RPC ${rpc} request`, 30, { user: "ada", password: "[REDACTED]", number: "5" }],
  );
  assert.equal(response?.["msg"], `RPC ${rpc} response`);
  assert.deepEqual(response?.["response"], { token: "[REDACTED]", host: "a" });
  assert.equal(typeof completed?.["durationMs"], "number");
  const [, failed] = await pinoLines((options) =>
    rejection(run(createLoggerInterceptor(options), failing(new Error("no")), unaryRequest())),
  );
  assert.equal(Reflect.get(Object(failed?.["err"]), "message"), "no");
});

// contract: SC-17
test("shortcoming 17, a message without a JSON form fails the call: it is logged by its type", async () => {
  const message = create(CredentialsSchema, { more: anyPack(SessionSchema, create(SessionSchema)) });
  const request = unaryRequest({ method: LoginService.method.login, message });
  const [line] = await pinoLines((options) => run(createLoggerInterceptor(options), answering(), request));
  assert.deepEqual(line?.["request"], { $typeName: "connectum.validation.v1.Credentials" });
});

test("the error of a logger that throws goes to the console, and the call goes on", async (t) => {
  const lines = consoleLines(t, "error");
  const logger = () => {
    throw new Error("disk is full");
  };
  await run(createLoggerInterceptor({ logger }), answering(), unaryRequest());
  assert.equal(lines.length, 3);
});
