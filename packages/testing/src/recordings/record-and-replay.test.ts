// Calls of a server that are answered again from its recording.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  type Interceptor,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { createLocalTransport, createServer, type Server, type ServiceRoute } from "@connectum/core";
import { assertConnectError, type RecordServerOptions, recordServer, replay, withTestServer } from "@connectum/testing";
import { EchoResponseSchema, EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

type Impl = Partial<ServiceImpl<typeof EchoService>>;

const folder = mkdtempSync(join(tmpdir(), "recordings-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `calls-${++files}.jsonl`);

const refusal = (text: string) =>
  new ConnectError(text, Code.FailedPrecondition, { "x-reason": "because" }, [
    { desc: EchoResponseSchema, value: { text: "a detail" } },
  ]);

const echo: Impl = {
  echo({ text, payload }, context) {
    if (text === "refused") throw refusal("no, not ü");
    if (text === "broken") throw new Error("a secret");
    context.responseHeader.set("x-header", "one");
    context.responseHeader.set("set-cookie", "a=secret");
    context.responseTrailer.set("x-trailer", "ü".normalize());
    return { text: `${text}!`, payload };
  },
  async *echoServerStream({ text, count }, context) {
    context.responseHeader.set("x-header", "two");
    for (let index = 0; index < count; index += 1) yield { text, index };
    context.responseTrailer.set("x-trailer", "end");
    if (text === "refused") throw refusal("in the midst");
  },
  async echoClientStream(requests) {
    const texts: string[] = [];
    for await (const { text } of requests) {
      texts.push(text);
      if (text === "enough") break;
    }
    return { text: texts.join() };
  },
  async *echoBidiStream(requests) {
    let index = 0;
    for await (const { text } of requests) {
      if (text === "refused") throw refusal("after some");
      yield { text, index: index++ };
      if (text === "twice") yield { text, index: index++ };
    }
    yield { text: "bye", index };
  },
};

async function* texts(...all: string[]) {
  for (const text of all) yield { text };
}

/** What a client sees of a call. */
async function seen(call: (options: object) => Promise<unknown>): Promise<unknown> {
  const metadata: Record<string, unknown> = {};
  const own = (headers: Headers) => [...headers].filter(([name]) => name.startsWith("x-"));
  const options = {
    onHeader: (headers: Headers) => Object.assign(metadata, { header: own(headers) }),
    onTrailer: (headers: Headers) => Object.assign(metadata, { trailer: own(headers) }),
  };
  try {
    return { result: await call(options), ...metadata };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const details = error.findDetails(EchoResponseSchema).map(({ text }) => text);
    return { code: Code[error.code], message: error.rawMessage, metadata: own(error.metadata), details };
  }
}

async function all(responses: AsyncIterable<{ text: string; index: number }>, into: unknown[] = []) {
  for await (const { text, index } of responses) into.push([text, index]);
  return into;
}

/** Calls of all kinds, and what a client sees of them. */
async function callAll(transport: Transport): Promise<unknown[]> {
  const client = createClient(EchoService, transport);
  const got: unknown[] = [];
  const partly: unknown[] = [];
  const calls: ((options: object) => Promise<unknown>)[] = [
    (options) => client.echo({ text: "a", payload: new Uint8Array([1, 255]) }, options),
    (options) => client.echo({ text: "b" }, options),
    (options) => client.echo({ text: "refused" }, options),
    (options) => client.echo({ text: "broken" }, options),
    (options) => client.echoGet({}, options),
    (options) => all(client.echoServerStream({ text: "a", count: 3 }, options)),
    (options) => all(client.echoServerStream({ text: "none" }, options)),
    (options) => all(client.echoServerStream({ text: "refused", count: 2 }, options), partly),
    (options) => client.echoClientStream(texts("a", "b"), options),
    (options) => client.echoClientStream(texts(), options),
    (options) => client.echoClientStream(texts("a", "enough", "more"), options),
    (options) => all(client.echoBidiStream(texts("a", "twice", "b"), options)),
    (options) => all(client.echoBidiStream(texts(), options)),
    (options) => all(client.echoBidiStream(texts("a", "refused", "b"), options), partly),
  ];
  for (const call of calls) got.push(await seen(call));
  return [...got, partly];
}

const services: ServiceRoute[] = [(router) => router.service(EchoService, echo)];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Records what a function does with a server in process. */
async function recorded(
  impl: Impl,
  use: (client: Client<typeof EchoService>) => Promise<unknown>,
  options: RecordServerOptions = {},
  interceptors: Interceptor[] = [],
): Promise<string> {
  const file = newFile();
  const server = createServer({
    services: [(router) => router.service(EchoService, impl)],
    interceptors,
    logger: silent,
  });
  recordServer(server, file, options);
  await use(createClient(EchoService, createLocalTransport(server)));
  return file;
}

const clientOf = (file: string) => createClient(EchoService, replay(file));
const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

async function failing(promise: Promise<unknown>): Promise<ConnectError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConnectError);
  return error;
}

for (const protocol of ["grpc", "connect"] as const) {
  // contract: REC-kinds, REC-answers
  test(`calls over ${protocol} get the same from the recording: all kinds, errors with details, headers, trailers`, async () => {
    const file = newFile();
    const beforeStart = (server: Server) => recordServer(server, file);
    const options = { services, protocol, beforeStart, serverOptions: { logger: silent } };
    const expected = await withTestServer(options, ({ transport }) => callAll(transport));
    assert.deepEqual(await callAll(replay(file)), expected);
    assert.deepEqual(await callAll(replay(pathToFileURL(file))), expected);
  });
}

// contract: REC-lines
test("each call is a line, when it has ended: requests, responses, headers and trailers, and no secrets in headers", async () => {
  const file = await recorded(echo, async (client) => {
    await client.echo({ text: "a" }, { headers: { authorization: "Bearer b", "x-tenant": "acme" } });
    for await (const _ of client.echoBidiStream(texts("b")));
  });
  assert.deepEqual(linesOf(file), [
    {
      method: "connectum.test.v1.EchoService/Echo",
      headers: {},
      requests: [{ text: "a" }],
      readAll: true,
      header: [
        ["set-cookie", "[REDACTED]"],
        ["x-header", "one"],
      ],
      responses: [{ after: 1, message: { text: "a!" } }],
      trailer: [["x-trailer", "ü"]],
    },
    {
      method: "connectum.test.v1.EchoService/EchoBidiStream",
      headers: {},
      requests: [{ text: "b" }],
      readAll: true,
      header: [],
      responses: [
        { after: 1, message: { text: "b" } },
        { after: 1, ended: true, message: { text: "bye", index: 1 } },
      ],
      trailer: [],
    },
  ]);
});

// contract: REC-outermost
test("what clients get is recorded, whatever interceptors make of it", async () => {
  const shout: Interceptor = (next) => async (request) => {
    if (request.stream) return next(request);
    const response = await next(request);
    if (response.stream) return response;
    response.header.set("x-shout", "yes");
    return response;
  };
  const hide: Interceptor = (next) => (request) =>
    next(request).catch(() => Promise.reject(new ConnectError("hidden", Code.Unavailable)));
  const use = async (client: Client<typeof EchoService>) => {
    await client.echo({ text: "a" });
    await failing(client.echo({ text: "refused" }));
  };
  const [first, second] = linesOf(await recorded(echo, use, {}, [hide, shout]));
  assert.deepEqual(first.header.at(-1), ["x-shout", "yes"]);
  assert.deepEqual(second.error, { code: "unavailable", message: "hidden", details: [], metadata: [] });
});

// contract: REC-order
test("equal calls get their answers in their order, then the last one again", async () => {
  let count = 0;
  const impl: Impl = { echo: () => ({ index: ++count }) };
  const file = await recorded(impl, async (client) => {
    await client.echo({ text: "a" });
    await client.echo({ text: "b" });
    await client.echo({ text: "a" });
  });
  const client = clientOf(file);
  const indexes: number[] = [];
  for (const text of ["a", "a", "a", "b", "b", "a"]) indexes.push((await client.echo({ text })).index);
  assert.deepEqual(indexes, [1, 3, 3, 2, 2, 3]);
});

// contract: REC-differs
test("a request that was not recorded fails with the difference from the next one", async () => {
  const file = await recorded(echo, async (client) => {
    await client.echo({ text: "a", count: 1 });
    await client.echo({ text: "b" });
  });
  const error = await failing(clientOf(file).echo({ text: "c", count: 1 }));
  assertConnectError(error, Code.InvalidArgument);
  const [first, ...lines] = error.rawMessage.split("\n");
  const name = "connectum.test.v1.EchoService/Echo";
  assert.equal(first, `replay: the request of ${name} differs from all 2 calls in ${file.split("/").at(-1)}`);
  assert.equal(lines[0], "+ given - recorded");
  const changed = lines.filter((line) => /^[+-] {2}/.test(line)).map((line) => line.replaceAll(/ +/g, " "));
  assert.deepEqual(changed.sort(), ["+ text: 'c'", "- text: 'a'"]);
});

// contract: REC-differs
test("of long texts the difference shows where they differ", async () => {
  const long = "x".repeat(20_000);
  const file = await recorded(echo, async (client) => {
    await client.echo({ text: `${long}a${long}`, count: 1 });
    await client.echoClientStream(texts("same".repeat(100), long));
  });
  const linesFor = async (call: Promise<unknown>) => {
    const { rawMessage } = await failing(call);
    assert.ok(rawMessage.length < 1_000, `${rawMessage.length}`);
    return rawMessage.split("\n").map((line) => line.trim().replaceAll(/ +/g, " "));
  };
  const shown = (letter: string, end: string) => `${"x".repeat(20)}${letter}${end}`;
  const lines = await linesFor(clientOf(file).echo({ text: `${long}b`, count: 1 }));
  assert.deepEqual(lines.filter((line) => /^[+-] t/.test(line)).sort(), [
    `+ text: '${shown("b", " (characters 19981 to 20001 of 20001)")}'`,
    `- text: '${shown("a", `${"x".repeat(79)} (characters 19981 to 20080 of 40001)`)}'`,
  ]);
  const ofStream = await linesFor(clientOf(file).echoClientStream(texts("same".repeat(100), `${long}y`)));
  assert.deepEqual(ofStream.filter((line) => /^[+-] t/.test(line)).sort(), [
    `+ text: '${shown("y", " (characters 19981 to 20001 of 20001)")}'`,
    `- text: '${shown("", " (characters 19981 to 20000 of 20000)")}'`,
  ]);
});

// contract: REC-differs
test("a stream fails at the request that was not recorded, after the responses before it", async () => {
  const file = await recorded(echo, async (client) => {
    await all(client.echoBidiStream(texts("a", "b")));
    await client.echoClientStream(texts("a", "b"));
  });
  const got: unknown[] = [];
  const error = await failing(all(clientOf(file).echoBidiStream(texts("a", "c")), got));
  assertConnectError(
    error,
    Code.InvalidArgument,
    "the request of connectum.test.v1.EchoService/EchoBidiStream differs",
  );
  assert.match(error.rawMessage, /\+ +text: 'c'/);
  assert.deepEqual(got, [["a", 0]]);
  for (const other of [texts("a"), texts("a", "b", "c"), texts("c")]) {
    assertConnectError(
      await failing(clientOf(file).echoClientStream(other)),
      Code.InvalidArgument,
      "+ given - recorded",
    );
  }
});

// contract: REC-kinds
test("a stream is told from those that begin with the same requests, the empty one among them", async () => {
  const impl: Impl = {
    ...echo,
    async *echoBidiStream(requests) {
      const read: string[] = [];
      for await (const { text } of requests) read.push(text);
      yield { text: read.join() };
    },
  };
  const lists = [[], ["a"], ["a", "b"], ["a", "b", "c"], ["b"]];
  const join = (list: string[]) => [list.join(), 0];
  for (const recordedLists of [lists, [...lists].reverse()]) {
    const file = await recorded(impl, async (client) => {
      for (const list of recordedLists) {
        await client.echoClientStream(texts(...list));
        await all(client.echoBidiStream(texts(...list)));
      }
    });
    for (const list of lists) {
      const client = clientOf(file);
      assert.equal((await client.echoClientStream(texts(...list))).text, list.join());
      assert.deepEqual(await all(client.echoBidiStream(texts(...list))), [join(list)]);
    }
  }
});

test("a handler that stopped reading answers whatever follows, beside others that read on", async () => {
  let isFirst = true;
  const impl: Impl = {
    async echoClientStream(requests) {
      const read: string[] = [];
      for await (const { text } of requests) {
        read.push(text);
        if (!isFirst) break;
      }
      isFirst = false;
      return { text: read.join() };
    },
  };
  const file = await recorded(impl, async (client) => {
    await client.echoClientStream(texts("a", "b"));
    await client.echoClientStream(texts("a", "x"));
  });
  for (const list of [["a", "c"], ["a"], ["a", "x", "y"]]) {
    assert.equal((await clientOf(file).echoClientStream(texts(...list))).text, "a");
  }
  assert.equal((await clientOf(file).echoClientStream(texts("a", "b"))).text, "a,b");
});

// contract: REC-unknown
test("a method that was not recorded is unimplemented, and those that were are named", async () => {
  const file = await recorded(echo, (client) => client.echo({}));
  const error = await failing(clientOf(file).echoGet({}));
  assertConnectError(error, Code.Unimplemented);
  const name = file.split("/").at(-1);
  const service = "connectum.test.v1.EchoService";
  assert.equal(error.rawMessage, `replay: ${name} has no call of ${service}/EchoGet, but ${service}/Echo`);
});

// contract: REC-headers
test("request headers that are asked for are recorded, and must be the same", async () => {
  const impl: Impl = { echo: (_, { requestHeader }) => ({ text: requestHeader.get("x-tenant") ?? "nobody" }) };
  const use = async (client: Client<typeof EchoService>) => {
    await client.echo({}, { headers: { "x-tenant": "acme" } });
    await client.echo({});
  };
  const client = clientOf(await recorded(impl, use, { headers: ["x-tenant"] }));
  assert.equal((await client.echo({})).text, "nobody");
  assert.equal((await client.echo({}, { headers: { "x-tenant": "acme" } })).text, "acme");
  const error = await failing(client.echo({}, { headers: { "x-tenant": "globex" } }));
  assertConnectError(error, Code.InvalidArgument, "the headers of connectum.test.v1.EchoService/Echo differs");
  assert.match(error.rawMessage, /\+ +'x-tenant': 'globex'/);
});

// contract: REC-given-up
test("a call that its client gives up is not recorded", async () => {
  const impl: Impl = {
    echo: (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    async *echoServerStream() {
      for (;;) yield {};
    },
  };
  const file = await recorded(impl, async (client) => {
    await failing(client.echo({}, { timeoutMs: 20 }));
    for await (const _ of client.echoServerStream({})) break;
  });
  assert.deepEqual(linesOf(file), []);
});

test("interceptors are around replayed calls, of all kinds", async () => {
  const file = await recorded(echo, async (client) => {
    await client.echo({ text: "ada" });
    await client.echoClientStream(texts("a"));
  });
  const seenRequests: string[] = [];
  const asAda: Interceptor = (next) => (request) => {
    seenRequests.push(request.url);
    if (!request.stream) Object.assign(request.message, { text: "ada" });
    return next(request);
  };
  const client = createClient(EchoService, replay(file, { interceptors: [asAda] }));
  assert.equal((await client.echo({ text: "a" })).text, "ada!");
  assert.equal((await client.echoClientStream(texts("a"))).text, "a");
  const base = "https://replay/connectum.test.v1.EchoService/";
  assert.deepEqual(seenRequests, [`${base}Echo`, `${base}EchoClientStream`]);
});

test("equal streams at the same time get their answers in their order", async () => {
  let count = 0;
  const impl: Impl = {
    async *echoServerStream() {
      yield { index: ++count };
      yield { index: count };
    },
  };
  const file = await recorded(impl, async (client) => {
    for (let call = 0; call < 3; call += 1) await all(client.echoServerStream({}));
  });
  const client = clientOf(file);
  const results = await Promise.all([1, 2, 3].map(() => all(client.echoServerStream({}))));
  assert.deepEqual(
    results.map((responses) => responses.map((response) => JSON.stringify(response))),
    [1, 2, 3].map((index) => [`["",${index}]`, `["",${index}]`]),
  );
});

test("a replayed call can be given up", async () => {
  const file = await recorded(echo, (client) => client.echoClientStream(texts("a")));
  const client = clientOf(file);
  const controller = new AbortController();
  async function* endless() {
    yield { text: "a" };
    controller.abort();
    await new Promise(() => {});
  }
  assertConnectError(await failing(client.echoClientStream(endless(), { signal: controller.signal })), Code.Canceled);
  assertConnectError(await failing(client.echoClientStream(texts("a"), { signal: controller.signal })), Code.Canceled);
  const late = client.echoClientStream(endless(), { timeoutMs: 20 });
  assertConnectError(await failing(late), Code.DeadlineExceeded);
});

// contract: REC-bad
test("bad input is an error that says what would be right", async () => {
  const file = newFile();
  for (const line of [
    "{",
    "[]",
    '{"method":1}',
    '{"method":"a.B/C","headers":{},"requests":[],"responses":[]}',
    '{"method":"a.B/C","headers":{},"requests":[],"responses":[{"after":1,"message":{}}],"header":[],"trailer":[]}',
  ]) {
    writeFileSync(file, `\n${line}\n`);
    assert.throws(
      () => replay(file),
      (error: unknown) => {
        assert.ok(error instanceof TypeError);
        return error.message.startsWith(
          `replay: line 2 of ${file.split("/").at(-1)} is not a recorded call: {"method":`,
        );
      },
    );
  }
  assert.throws(() => replay(join(folder, "nothing")), { code: "ENOENT" });
  const server = createServer({ services: [] });
  const calls: [call: () => unknown, message: string][] = [
    [() => Reflect.apply(replay, undefined, [1]), "replay: the file must be a path or a URL, not 1"],
    [() => Reflect.apply(recordServer, undefined, []), "recordServer: the server is missing"],
    [
      () => recordServer(server, file, { headers: ["x-tenant", "bad name"] }),
      'recordServer: headers[1] must be the name of a header, not "bad name"',
    ],
    [
      () => Reflect.apply(recordServer, undefined, [server]),
      "recordServer: the file must be a path or a URL, not undefined",
    ],
  ];
  for (const [call, message] of calls) assert.throws(call, { name: "TypeError", message });
  server.hasService(EchoService);
  assert.throws(() => recordServer(server, file), /Cannot add interceptor/);
});

test("a file that cannot be written is an error before any call; later ones fail no call", async () => {
  const server = createServer({ services });
  assert.throws(() => recordServer(server, join(folder, "nothing", "a.jsonl")), { code: "ENOENT" });
  const gone = mkdtempSync(join(tmpdir(), "recordings-"));
  const logged: unknown[] = [];
  const logger = { ...silent, error: (...given: unknown[]) => void logged.push(...given) };
  const other = createServer({ services, logger });
  recordServer(other, join(gone, "a.jsonl"));
  rmSync(gone, { recursive: true });
  const client = createClient(EchoService, createLocalTransport(other));
  assert.equal((await client.echo({ text: "a" })).text, "a!");
  assert.ok(
    logged.some((entry) => String(entry).includes("ENOENT")),
    `${logged}`,
  );
});
