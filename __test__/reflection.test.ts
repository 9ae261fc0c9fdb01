// Reflection of exactly the mounted services, over every protocol, in Rust or behind interceptors.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type CreateServerOptions, createServer, type ProtocolRegistration } from "@connectum/core";
import { createHealthcheckManager, Healthcheck } from "@connectum/healthcheck";
import { Reflection } from "@connectum/reflection";
import { ServerReflection, ServerReflectionRequestSchema } from "@connectum/reflection/proto";
import { ServerReflection as ServerReflectionAlpha } from "../packages/reflection/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { EditionsService } from "./protobuf-files/gen/editions_pb.js";
import { Proto2Service } from "./protobuf-files/gen/proto2_pb.js";
import { Proto3Service, WellKnownService } from "./protobuf-files/gen/proto3_pb.js";
import { SameService as SameOne } from "./protobuf-files/same-name-one/gen/same_pb.js";
import { SameService as SameTwo } from "./protobuf-files/same-name-two/gen/same_pb.js";
import { envelope } from "./support/envelope.ts";
import { answers, ask, extension, LIST, type Question, type Said } from "./support/reflection-client.ts";
import { serve } from "./support/serve.ts";
import { nodeClients } from "./support/transports.ts";

const V1 = "grpc.reflection.v1.ServerReflection";
const ALPHA = "grpc.reflection.v1alpha.ServerReflection";
const INFO = `/${V1}/ServerReflectionInfo`;

const passing: Interceptor = (next) => (request) => next(request);

/** A server with services of files of every kind, and reflection before health. */
async function serveAll(t: TestContext, options: Partial<CreateServerOptions> = {}) {
  const served = await serve(t, {
    services: [
      (router) => {
        router.service(EditionsService, {}).service(Proto2Service, {}).service(WellKnownService, {});
        router.service(SameOne, {}).service(SameTwo, {});
      },
    ],
    protocols: [Reflection(), Healthcheck({ manager: createHealthcheckManager() })],
    ...options,
  });
  return { ...served, transport: createGrpcTransport({ baseUrl: served.url }) };
}

const mounted = [EditionsService, Proto2Service, WellKnownService, SameOne, SameTwo].map(({ typeName }) => typeName);
const services = [...mounted, V1, ALPHA, "grpc.health.v1.Health"];

const symbol = (value: string): Question => ({ case: "fileContainingSymbol", value });
const named = (value: string): Question => ({ case: "fileByFilename", value });
const numbers = (value: string): Question => ({ case: "allExtensionNumbersOfType", value });
const [proto2, empty] = ["connectum.test.proto2", "google/protobuf/empty.proto"];

const conversation: [Question, Said][] = [
  [LIST, services],
  [{ case: "listServices", value: "" }, services],
  [symbol("connectum.test.editions.Editions.Inner"), ["editions.proto"]],
  [symbol("connectum.test.editions.Editions.delimited"), ["editions.proto"]],
  [symbol(`${Proto2Service.typeName}.Echo`), ["proto2.proto"]],
  [symbol(`${proto2}.Proto2.SingleGroup`), ["proto2.proto"]],
  [symbol(`${proto2}.FIRST`), ["proto2.proto"]],
  [symbol(`${proto2}.extras`), ["proto2.proto"]],
  [symbol(`.${proto2}.Proto2`), `5 Symbol not found: .${proto2}.Proto2`],
  [symbol(`${proto2}.Proto2.gone`), `5 Symbol not found: ${proto2}.Proto2.gone`],
  [extension(`${proto2}.Proto2`, 101), ["proto2.proto"]],
  [extension(`${proto2}.Proto2`, 102), `5 Extension not found: ${proto2}.Proto2 102`],
  [numbers(`${proto2}.Proto2`), { [`${proto2}.Proto2`]: [100, 101] }],
  [numbers(`${proto2}.Extra`), { [`${proto2}.Extra`]: [] }],
  [numbers("gone.Type"), "5 Type not found: gone.Type"],
  [named(empty), [empty]],
  [named("gone.proto"), "5 File not found: gone.proto"],
  [symbol(SameOne.typeName), ["same.proto"]],
  [symbol(SameTwo.typeName), ["same.proto"]],
  [symbol("grpc.health.v1.Health.Check"), ["grpc/health/v1/health.proto"]],
  [symbol(V1), ["grpc/reflection/v1/reflection.proto"]],
  [symbol(ALPHA), ["grpc/reflection/v1alpha/reflection.proto"]],
];

/** Rust responds if there are no interceptors, otherwise JavaScript. */
const places: [where: string, Partial<CreateServerOptions>][] = [
  ["in Rust", {}],
  ["behind an interceptor", { interceptors: [passing] }],
];

for (const [where, options] of places) {
  for (const { name, transport } of nodeClients) {
    for (const useBinaryFormat of [true, false]) {
      const what = `${where}, ${name}, ${useBinaryFormat ? "protobuf" : "JSON"}`;
      // contract: RF-3, RF-4, RF-15, RF-16, RF-18, RF-22, RF-by-name, RF-by-symbol, RF-by-extension, RF-numbers
      // contract: RF-list
      test(`${what}: each request is answered, in order`, { timeout: 20_000 }, async (t) => {
        const { url } = await serveAll(t, options);
        const responses = await ask(
          transport(url, { useBinaryFormat }),
          conversation.map(([question]) => question),
        );
        assert.deepEqual(
          responses,
          conversation.map(([, response]) => response),
        );
      });
    }
  }

  // contract: RF-16, RF-19, RF-20
  test(`${where}: v1alpha responds the same, and each response has its request`, { timeout: 20_000 }, async (t) => {
    const { transport } = await serveAll(t, options);
    const questions = [...conversation.map(([question]) => question), { case: undefined }];
    const [ofV1, ofAlpha] = await Promise.all([
      answers(transport, questions),
      answers(transport, questions, ServerReflectionAlpha),
    ]);
    const bare = (values: unknown) => JSON.parse(JSON.stringify(values).replaceAll("v1alpha", "v1"));
    assert.deepEqual(
      ofAlpha.map(({ messageResponse: { value } }) => bare(value)),
      ofV1.map(({ messageResponse: { value } }) => bare(value)),
    );
    for (const [at, { validHost, originalRequest, messageResponse }] of ofV1.entries()) {
      assert.deepEqual([validHost, originalRequest?.messageRequest], ["a.host", questions[at]]);
      assert.notEqual(messageResponse.case, undefined, "an empty request gets an error");
    }
  });

  // contract: RF-21
  test(`${where}: a file is followed by its imports, unless they were sent before`, { timeout: 20_000 }, async (t) => {
    const { transport } = await serveAll(t, options);
    const [first, second, third] = await ask(transport, [
      named(empty),
      symbol(WellKnownService.typeName),
      named(empty),
    ]);
    assert.ok(Array.isArray(second));
    assert.deepEqual([first, second[0], second.length, second.includes(empty)], [[empty], "proto3.proto", 7, false]);
    assert.deepEqual(third, [empty], "the requested file is always sent");
  });

  // contract: RF-25
  test(`${where}: a client rebuilds the schema from names alone`, { timeout: 20_000 }, async (t) => {
    const { transport } = await serveAll(t, { ...options, services: [(router) => router.service(Proto3Service, {})] });
    const files = new Map<string, FileDescriptorProto>();
    const fetch = async (question: Question) => {
      for (const { messageResponse } of await answers(transport, [question])) {
        assert.ok(messageResponse.case === "fileDescriptorResponse");
        const bytes = messageResponse.value.fileDescriptorProto[0] ?? assert.fail("the file");
        const file = fromBinary(FileDescriptorProtoSchema, bytes);
        for (const name of file.dependency) if (!files.has(name)) await fetch(named(name));
        files.set(file.name, file);
      }
    };
    const [list] = await ask(transport, [LIST]);
    assert.deepEqual(list, [Proto3Service.typeName, V1, ALPHA, "grpc.health.v1.Health"]);
    for (const name of list as string[]) await fetch(symbol(name));
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files.values()] }));
    assert.deepEqual(registry.getFile("proto3.proto")?.proto, Proto3Service.file.proto);
    for (const name of list as string[]) assert.ok(registry.getService(name), name);
  });
}

// contract: RF-10
test("an interceptor can restrict reflection, and others get its error", { timeout: 20_000 }, async (t) => {
  const seen: string[] = [];
  const guard: Interceptor = (next) => (request) => {
    seen.push(request.service.typeName);
    if (request.header.get("authorization") !== null) return next(request);
    throw new ConnectError("who are you", Code.Unauthenticated);
  };
  const { transport, url } = await serveAll(t, { interceptors: [guard] });
  await assert.rejects(ask(transport, [LIST]), { code: Code.Unauthenticated });
  const known: Interceptor = (next) => (request) => {
    request.header.set("authorization", "me");
    return next(request);
  };
  assert.deepEqual(await ask(createGrpcTransport({ baseUrl: url, interceptors: [known] }), [LIST]), [services]);
  assert.deepEqual(seen, [V1, V1]);
});

test("with interceptors: false the server's interceptors do not guard reflection", { timeout: 20_000 }, async (t) => {
  const guard: Interceptor = () => () => Promise.reject(new ConnectError("who are you", Code.Unauthenticated));
  const protocols = [Reflection({ interceptors: false }), Healthcheck({ manager: createHealthcheckManager() })];
  const { transport } = await serveAll(t, { interceptors: [guard], protocols });
  assert.deepEqual(await ask(transport, [LIST]), [services]);
  await assert.rejects(createClient(EditionsService, transport).echo({}), { code: Code.Unauthenticated });
});

// contract: RF-9
test("a service that is not mounted is not listed, though its file is sent whole", { timeout: 20_000 }, async (t) => {
  const { transport } = await serveAll(t, { enabledServices: [WellKnownService.typeName] });
  const responses = await ask(transport, [LIST, symbol(`${Proto3Service.typeName}.Echo`)]);
  assert.deepEqual(responses[0], [WellKnownService.typeName, V1, ALPHA, "grpc.health.v1.Health"]);
  assert.equal(Array.isArray(responses[1]) && responses[1][0], "proto3.proto");
});

// contract: RF-3, RF-7
test("it may be added until routes are created, before or after other protocols", { timeout: 20_000 }, async (t) => {
  const own: ProtocolRegistration = {
    name: "own",
    register: (router) => void router.service(EchoService, {}),
  };
  const server = createServer({ services: [], port: 0, host: "127.0.0.1" });
  server.addProtocol(Reflection());
  server.addProtocol(own);
  await server.start();
  t.after(() => server.stop());
  assert.throws(() => server.addProtocol(Reflection()), /Cannot add protocol/);
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.address?.port}` });
  assert.deepEqual(await ask(transport, [LIST]), [[V1, ALPHA, EchoService.typeName]]);
});

// contract: RF-5, RF-8
test("without other services, on HTTP/1.1 only, it describes itself", { timeout: 20_000 }, async (t) => {
  const { url } = await serve(t, {
    services: [],
    protocols: [Reflection()],
    allowH2C: false,
    transportValidation: "error",
  });
  const client = nodeClients.find(({ name }) => name === "Connect over HTTP/1.1") ?? assert.fail();
  assert.deepEqual(await ask(client.transport(url), [LIST]), [[V1, ALPHA]]);
});

// contract: RF-request-size
test("a request of more than 64 KiB is refused, or of less if readMaxBytes says so", { timeout: 20_000 }, async (t) => {
  for (const [readMaxBytes, limit] of [
    [undefined, 65_536],
    [1_000, 1_000],
  ] as const) {
    const { transport } = await serveAll(t, { readMaxBytes });
    const [short] = await ask(transport, [symbol("x".repeat(limit - 100))]);
    assert.match(String(short), /^5 Symbol not found: x+$/);
    await assert.rejects(ask(transport, [symbol("x".repeat(limit))]), ({ code, rawMessage }: ConnectError) => {
      assert.equal(code, Code.ResourceExhausted);
      assert.match(rawMessage, new RegExp(`is larger than configured readMaxBytes ${limit}$`));
      return true;
    });
  }
});

test("without interceptors reflection responds while JavaScript is busy", { timeout: 20_000 }, async (t) => {
  const { port } = await serveAll(t);
  const request = create(ServerReflectionRequestSchema, { messageRequest: LIST });
  const body = envelope(Buffer.from(toBinary(ServerReflectionRequestSchema, request))).toString("base64");
  const worker = new Worker(new URL("support/poll-worker.mjs", import.meta.url), {
    workerData: { port, paths: [], calls: [{ path: INFO, body }], everyMs: 20 },
  });
  t.after(() => worker.terminate());
  await once(worker, "message");
  const from = Date.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  const to = Date.now();
  worker.postMessage("enough");
  const [all]: { at: number; ms: number; status: number; body: string }[][] = await once(worker, "message");
  const during = all?.filter(({ at }) => at >= from && at < to - 200) ?? [];
  assert.ok(during.length >= 10, `${during.length} answers in a second`);
  for (const { ms, status, body } of during) {
    assert.deepEqual([status, Buffer.from(body, "base64").includes(V1)], [0, true]);
    assert.ok(ms < 200, `answered after ${Math.round(ms)} ms`);
  }
});

for (const [where, options] of places) {
  test(`${where}: a stream without requests ends after streamGracePeriod`, { timeout: 20_000 }, async (t) => {
    const shutdown = { timeout: 8_000, streamGracePeriod: 100 };
    const { server, transport } = await serveAll(t, { ...options, shutdown });
    const client = createClient(ServerReflection, transport);
    async function* requests() {
      yield { messageRequest: LIST };
      await server.stop();
    }
    const startedAt = performance.now();
    await assert.rejects(
      async () => {
        for await (const { messageResponse } of client.serverReflectionInfo(requests())) {
          assert.equal(messageResponse.case, "listServicesResponse");
        }
      },
      { code: Code.Unavailable },
    );
    assert.ok(performance.now() - startedAt < 4_000, "long before the timeout");
  });
}
