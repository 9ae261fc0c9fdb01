// The error handler: what the client gets, what onError and the console get.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { format, inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { consoleLines } from "../../../__test__/support/console-lines.ts";
import {
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
import { EchoRequestSchema } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { createErrorHandlerInterceptor, type ErrorHandlerOptions, type ErrorReport } from "./error-handler.ts";

const silent: ErrorHandlerOptions = { logErrors: false };

/** The error that a client gets for a thrown value. */
async function sent(thrown: unknown, options: ErrorHandlerOptions = silent): Promise<ConnectError> {
  const next = async () => Promise.reject(thrown);
  const error = await rejection(run(createErrorHandlerInterceptor(options), next, unaryRequest()));
  assert.ok(error instanceof ConnectError);
  return error;
}

/** What `onError` gets for a thrown value, and the error for the client. */
async function reported(thrown: unknown, options: ErrorHandlerOptions = {}): Promise<[ErrorReport, ConnectError]> {
  const reports: ErrorReport[] = [];
  const error = await sent(thrown, { ...options, onError: (report) => void reports.push(report) });
  const [report] = reports;
  assert.ok(report !== undefined && reports.length === 1);
  return [report, error];
}

const sanitizable = (code: number, more: object = {}) =>
  Object.assign(new Error("row 7 is locked"), { code, clientMessage: "try again", serverDetails: { row: 7 }, ...more });

/** Sets `NODE_ENV` for one test. */
function withNodeEnv(t: TestContext, value: string | undefined): void {
  const before = process.env["NODE_ENV"];
  const set = (to: string | undefined) => {
    if (to === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = to;
  };
  set(value);
  t.after(() => set(before));
}

/** Errors that throw when they are read. */
const unreadable: [string, () => unknown][] = [
  ["whose message is a getter that throws", () => withGetter("message")],
  ["whose name is", () => withGetter("name")],
  ["whose stack is", () => withGetter("stack")],
  ["whose clientMessage is", () => withGetter("clientMessage")],
  ["that is a revoked proxy", revoked],
];

function withGetter(name: string): Error {
  const get = () => {
    throw new Error("secret");
  };
  return Object.defineProperty(new Error("secret"), name, { get });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error("secret"), {});
  revoke();
  return proxy;
}

for (const [what, make] of unreadable) {
  test(`an error ${what} is internal, and reported`, async (t) => {
    const thrown = make();
    const [report, error] = await reported(thrown, { includeStackTrace: true });
    assert.deepEqual([error.rawMessage, error.code, report.code], ["internal error", Code.Internal, Code.Internal]);
    assert.equal(error.cause, thrown);
    // Like the real console, which reads its arguments.
    const lines: unknown[] = [];
    t.mock.method(console, "error", (...line: unknown[]) => void lines.push(inspect(line)));
    assert.equal((await sent(thrown, { logErrors: true })).rawMessage, "internal error");
    assert.equal(lines.length, 1);
  });
}

// contract: EH-1, COM-5
test("a response passes as the same object", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  assert.equal(await run(createErrorHandlerInterceptor(), async () => response, request), response);
});

const shapes: [string, unknown, boolean][] = [
  ["an error with text, details and code", sanitizable(5), true],
  ["a ConnectError with all three", Object.assign(new ConnectError("a", 3), sanitizable(5)), true],
  ["an object that is not an Error", { code: 5, clientMessage: "try again", serverDetails: {} }, false],
  ["an error without text", sanitizable(5, { clientMessage: undefined }), false],
  ["an error whose details are null", sanitizable(5, { serverDetails: null }), false],
  ["an error whose code is a string", sanitizable(5, { code: "5" }), false],
  ["an ordinary error", new Error("a"), false],
  ["undefined", undefined, false],
];

for (const [what, thrown, expected] of shapes) {
  // contract: EH-2
  test(`${what} is ${expected ? "" : "not "}sanitizable: the client gets ${expected ? "its clientMessage" : "another text"}`, async () => {
    assert.equal((await sent(thrown)).rawMessage === "try again", expected);
  });
}

// contract: EH-3, EH-5
test("the client gets only text and code of a sanitizable error", async () => {
  const error = await sent(sanitizable(Code.NotFound));
  assert.deepEqual([error.message, error.code], ["[not_found] try again", Code.NotFound]);
  const rich = new ConnectError("secret", Code.Internal, { "x-secret": "1" }, [
    { desc: EchoRequestSchema, value: create(EchoRequestSchema) },
  ]);
  const bare = await sent(Object.assign(rich, { clientMessage: "try again", serverDetails: {} }));
  assert.deepEqual([bare.details, [...bare.metadata], bare.cause], [[], [], undefined]);
});

// contract: EH-4
test("a ConnectError passes as the same object", async () => {
  const error = new ConnectError("no", Code.NotFound, { "x-why": "1" });
  assert.equal(await sent(error), error);
});

// contract: EH-4
test("an abort is canceled, with its text", async () => {
  for (const name of ["AbortError", "TimeoutError"]) {
    const error = await sent(new DOMException("was aborted", name));
    assert.deepEqual([error.message, error.cause], ["[canceled] was aborted", undefined]);
  }
});

// contract: EH-4, SC-1
test("shortcoming 1, error texts leak: for an unknown error the client gets `internal error`, the log gets the error", async (t) => {
  withNodeEnv(t, "production");
  const lines = consoleLines(t, "error");
  for (const thrown of [new Error("password of root is 1234"), "a text", undefined, { any: "thing" }]) {
    const before = lines.length;
    const error = await sent(thrown, {});
    assert.deepEqual([error.message, error.cause], ["[internal] internal error", thrown]);
    const line = `${failed} [internal] internal error`;
    assert.deepEqual(lines.slice(before), [thrown === undefined ? [line] : [line, thrown]]);
  }
});

// contract: EH-4, EH-14, SC-2
test("shortcoming 2, any numeric code is trusted: only those of sanitizable errors are, and no invalid code is sent", async () => {
  for (const code of [23_505, 0, Code.NotFound, 20]) {
    assert.equal((await sent(Object.assign(new Error("duplicate key"), { code }))).code, Code.Internal);
  }
  assert.equal((await sent(sanitizable(23_505))).code, Code.Unknown);
  assert.equal((await sent(sanitizable(0))).code, Code.Unknown);
});

// contract: EH-13, COM-6, SC-3
test("shortcoming 3, errors of streams bypass the error handler: they do not", async () => {
  const reports: ErrorReport[] = [];
  const interceptor = createErrorHandlerInterceptor({ onError: (report) => void reports.push(report) });
  const cause = new Error("disk 3 is full");
  const response = await run(interceptor, failingStream(cause, 2), streamRequest());
  assert.ok(response.stream);
  const indexes: number[] = [];
  const reading = async () => {
    for await (const message of response.message) indexes.push(Reflect.get(message, "index"));
  };
  const error = await rejection(reading());
  assert.ok(error instanceof ConnectError);
  assert.deepEqual([error.message, error.cause], ["[internal] internal error", cause]);
  assert.deepEqual(indexes, [0, 1]);
  assert.deepEqual(
    reports.map(({ error, code }) => [error, code]),
    [[error, Code.Internal]],
  );
  assert.equal((await messagesOf(await run(interceptor, answering(), streamRequest()))).length, 1);
});

// contract: EH-6
test("errors that are thrown synchronously are handled, too", async () => {
  const next: Next = () => {
    throw new Error("secret");
  };
  const error = await rejection(run(createErrorHandlerInterceptor(silent), next, unaryRequest()));
  assert.equal(String(error), "ConnectError: [internal] internal error");
});

// contract: EH-6, EH-12
test("onError is called before the error is thrown, instead of the console", async (t) => {
  const lines = consoleLines(t, "error");
  const order: string[] = [];
  const interceptor = createErrorHandlerInterceptor({ logErrors: true, onError: () => void order.push("reported") });
  await rejection(run(interceptor, failing(new Error("a")), unaryRequest())).then(() => order.push("thrown"));
  assert.deepEqual([order, lines.length], [["reported", "thrown"], 0]);
});

// contract: EH-7
test("onError gets a sanitizable error itself, its code and its details", async () => {
  const thrown = sanitizable(Code.Aborted);
  const [report] = await reported(thrown, { includeStackTrace: true });
  assert.deepEqual(report, { error: thrown, code: Code.Aborted, serverDetails: { row: 7 }, stack: thrown.stack });
  assert.equal(report.error, thrown);
  assert.equal(report.serverDetails, thrown.serverDetails);
});

// contract: EH-8
test("for any other error onError gets the one that the client gets, whose cause is the thrown error", async () => {
  const thrown = new Error("a");
  const [report, error] = await reported(thrown, { includeStackTrace: false });
  assert.deepEqual(Object.keys(report), ["error", "code"]);
  assert.equal(report.error, error);
  assert.equal(report.error.cause, thrown);
});

// contract: EH-9
test("without a stack the report has no such key", async () => {
  const [without] = await reported(new Error("a"), { includeStackTrace: false });
  const [empty] = await reported(Object.assign(new Error("a"), { stack: "" }), { includeStackTrace: true });
  for (const report of [without, empty]) assert.equal("stack" in report, false);
});

// contract: EH-12, SC-13
test("shortcoming 13, onError can replace the error, and gets the stack of the wrapper: neither happens", async (t) => {
  const lines = consoleLines(t, "error");
  const thrown = new Error("a");
  const throwing = () => {
    throw new Error("onError is broken");
  };
  const rejecting = async () => throwing();
  for (const onError of [throwing, rejecting]) {
    assert.equal((await sent(thrown, { onError })).cause, thrown);
  }
  assert.equal(lines.length, 2);
  for (const line of lines)
    assert.match(line.join(" "), /^\[error-handler\] the callback failed: Error: onError is broken/);
  const [report] = await reported(thrown, { includeStackTrace: true });
  assert.equal(report.stack, thrown.stack);
});

// contract: EH-10, SC-14
test("shortcoming 14, the code that onError gets may differ from the one sent: it never does", async () => {
  const foreign = Object.assign(new Error("a"), { code: 23_505 });
  for (const thrown of [new DOMException("a", "AbortError"), foreign, sanitizable(99), new ConnectError("a", 5)]) {
    const [report, error] = await reported(thrown);
    assert.equal(report.code, error.code);
  }
});

const failed = "rpc Echo of connectum.test.v1.EchoService failed:";

// contract: EH-11
test("one line for an error that the client may see, with its code; the stack of any other", async (t) => {
  const lines = consoleLines(t, "error");
  const secret = new Error("row 7 is locked");
  const internal = new ConnectError("disk 3 is full", Code.Internal);
  for (const thrown of [new ConnectError("no user 7", Code.NotFound), sanitizable(Code.Aborted), internal, secret]) {
    await sent(thrown, { logErrors: true });
  }
  assert.deepEqual(lines, [
    [`${failed} [not_found] no user 7`],
    [`${failed} [aborted] try again (row 7 is locked)`, { row: 7 }],
    [`${failed} [internal] disk 3 is full`, internal],
    [`${failed} [internal] internal error`, secret],
  ]);
});

// contract: EH-11
test("includeStackTrace decides about the stack of every code", async (t) => {
  const lines = consoleLines(t, "error");
  const known = new ConnectError("no user 7", Code.NotFound);
  const secret = new Error("row 7 is locked");
  await sent(known, { logErrors: true, includeStackTrace: true });
  await sent(secret, { logErrors: true, includeStackTrace: false });
  assert.deepEqual(lines, [
    [`${failed} [not_found] no user 7`, known],
    [`${failed} [internal] Error: row 7 is locked`],
  ]);
});

// contract: EH-11
test("a message of the client's cannot look like further lines of the log", async (t) => {
  const lines = consoleLines(t, "error");
  await sent(new ConnectError("a\r\nb\u2028c\u001b[31m", Code.InvalidArgument), { logErrors: true });
  assert.deepEqual(lines, [[`${failed} [invalid_argument] a\\r\\nb\\u2028c\\u001b[31m`]]);
});

// contract: EH-11
test("a message of the client's cannot fill the log", async (t) => {
  const lines = consoleLines(t, "error");
  await sent(new ConnectError("x".repeat(1_000_000), Code.NotFound), { logErrors: true });
  const line = String(lines[0]?.[0]);
  assert.ok(line.length < 4_500, `${line.length}`);
  assert.ok(line.endsWith("x… and 995916 more characters"), line.slice(-40));
});

// contract: EH-11
test("a message of the client's cannot be a format, which would hide the error behind it", async (t) => {
  const lines = consoleLines(t, "error");
  await sent(new ConnectError("100%c", Code.Internal), { logErrors: true });
  await sent(new ConnectError("100%c", Code.NotFound), { logErrors: true });
  const [[text, thrown], alone] = lines as [unknown[], unknown[]];
  assert.match(format(text, thrown), /^rpc Echo .* failed: \[internal\] 100%c ConnectError: \[internal\] 100%c\n/);
  assert.deepEqual(alone, [`${failed} [not_found] 100%c`]);
});

// contract: EH-11
test("in production only what the client does not get is logged, with its stack", async (t) => {
  withNodeEnv(t, "production");
  const lines = consoleLines(t, "error");
  const secret = new Error("row 7 is locked");
  const known = sanitizable(Code.Aborted);
  for (const thrown of [new ConnectError("a", Code.Internal), known, secret]) await sent(thrown, {});
  for (const thrown of [known, secret]) await sent(thrown, { includeStackTrace: false });
  assert.deepEqual(lines, [
    [`${failed} [aborted] try again`, known],
    [`${failed} [internal] internal error`, secret],
    [`${failed} [aborted] try again (row 7 is locked)`, { row: 7 }],
    [`${failed} [internal] Error: row 7 is locked`],
  ]);
});

test("nothing is logged for a client that cancels its own call; a handler's `canceled` is", async (t) => {
  const lines = consoleLines(t, "error");
  const interceptor = createErrorHandlerInterceptor({ logErrors: true });
  const thrown = new ConnectError("never mind", Code.Canceled);
  for (const [reason, expected] of [
    [undefined, 2],
    [new ConnectError("the client has canceled", Code.Canceled), 2],
    [new DOMException("This operation was aborted", "AbortError"), 2],
    [new ConnectError("too late", Code.DeadlineExceeded), 4],
  ] as const) {
    const abort = new AbortController();
    if (reason !== undefined) abort.abort(reason);
    for (const error of [thrown, new Error("driver: query canceled")]) {
      await rejection(run(interceptor, failing(error), unaryRequest({ signal: abort.signal })));
    }
    assert.equal(lines.length, expected, String(reason));
  }
});

for (const [env, logs] of [
  ["production", 0],
  ["development", 1],
  [undefined, 1],
] as const) {
  // contract: ENV-NODE_ENV, EH-6
  test(`NODE_ENV ${env}: ${logs} lines for a ConnectError by default; an option decides otherwise`, async (t) => {
    withNodeEnv(t, env);
    const interceptor = createErrorHandlerInterceptor();
    // The variable is read once, when the interceptor is created.
    withNodeEnv(t, env === "production" ? undefined : "production");
    const lines = consoleLines(t, "error");
    await rejection(run(interceptor, failing(new ConnectError("a", Code.NotFound)), unaryRequest()));
    assert.equal(lines.length, logs);
  });
}
