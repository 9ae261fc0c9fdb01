// Reflection() without core: on other servers, and in a context that the test makes.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { DescFile, DescService } from "@bufbuild/protobuf";
import { type ConnectRouter, createClient, createRouterTransport } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import type { ProtocolContext } from "@connectum/core/types";
import { Proto2Service } from "../../../__test__/protobuf-files/gen/proto2_pb.js";
import { file_proto3, Proto3Service, WellKnownService } from "../../../__test__/protobuf-files/gen/proto3_pb.js";
import { answers, ask, extension, LIST, type Question, said } from "../../../__test__/support/reflection-client.ts";
import {
  file_grpc_reflection_v1_reflection as fileOfV1,
  ServerReflection,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.js";
import {
  file_grpc_reflection_v1alpha_reflection as fileOfAlpha,
  ServerReflection as ServerReflectionAlpha,
} from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { Reflection } from "./reflection.ts";

/** Reflection of files, on a server that does not list its services. */
const of = (registry: DescFile[]) => (router: ConnectRouter) => Reflection().register(router, { registry });

const itself = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

// contract: RF-1
test("each call creates a new registration, named reflection, with RPCs only", () => {
  const [one, other] = [Reflection(), Reflection()];
  assert.notEqual(one, other);
  assert.equal(one.name, "reflection");
  assert.equal(one.httpHandler, undefined);
  assert.deepEqual(Reflect.get(one, Symbol.for("connectum.protocol")), {
    kind: "reflection",
    state: { interceptors: true },
  });
});

// contract: RF-17
test("the messages are those of the public schema, by name, number and type", () => {
  const shape = ({ name, number, fieldKind, oneof }: (typeof ServerReflectionRequestSchema)["fields"][number]) =>
    `${name} ${number} ${fieldKind} ${oneof?.name}`;
  assert.deepEqual(ServerReflectionRequestSchema.fields.map(shape), [
    "host 1 scalar undefined",
    "file_by_filename 3 scalar message_request",
    "file_containing_symbol 4 scalar message_request",
    "file_containing_extension 5 message message_request",
    "all_extension_numbers_of_type 6 scalar message_request",
    "list_services 7 scalar message_request",
  ]);
  assert.deepEqual(ServerReflectionResponseSchema.fields.map(shape), [
    "valid_host 1 scalar undefined",
    "original_request 2 message undefined",
    "file_descriptor_response 4 message message_response",
    "all_extension_numbers_response 5 message message_response",
    "list_services_response 6 message message_response",
    "error_response 7 message message_response",
  ]);
  const declared = (file: DescFile) =>
    file.messages.map(({ name, fields }) => [name, fields.map((field) => [field.name, field.number, field.fieldKind])]);
  assert.deepEqual(declared(fileOfAlpha), declared(fileOfV1));
  assert.deepEqual(
    [fileOfV1.proto.name, fileOfAlpha.proto.name],
    ["grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"],
  );
});

// contract: RF-2, RF-4, RF-list
test("without a list of mounted services, all services of the files are listed, and reflection itself", async () => {
  const services = [Proto3Service.typeName, WellKnownService.typeName, ...itself];
  const questions: Question[] = [LIST, { case: "listServices", value: "" }, { case: "listServices", value: "none" }];
  assert.deepEqual(await ask(createRouterTransport(of([file_proto3, file_proto3])), questions), [
    services,
    services,
    services,
  ]);
});

// contract: RF-5
test("without files reflection lists itself", async () => {
  assert.deepEqual(await ask(createRouterTransport(of([])), [LIST]), [itself]);
});

// contract: RF-3, RF-6, RF-9
test("the list of mounted services is read at the first call, and other services are not listed", async () => {
  const services: DescService[] = [];
  const context: ProtocolContext = {
    registry: [],
    server: { services, applicationServices: [], shutdownSignal: new AbortController().signal },
  };
  const routes = (router: ConnectRouter) => Reflection().register(router, context);
  const transport = createRouterTransport(routes);
  services.push(ServerReflection, WellKnownService);
  const [list, file] = await ask(transport, [LIST, { case: "fileContainingSymbol", value: Proto3Service.typeName }]);
  assert.deepEqual(list, [ServerReflection.typeName, WellKnownService.typeName]);
  assert.ok(Array.isArray(file) && file[0] === "proto3.proto", "its file is complete all the same");
});

// contract: RF-2, RF-15, RF-18
test("on a server of connect-node both versions respond, in order", { timeout: 20_000 }, async (t) => {
  const baseUrl = await listen(t, of([Proto2Service.file]));
  const name = "connectum.test.proto2.Proto2";
  const questions: Question[] = [
    LIST,
    { case: "fileByFilename", value: "gone.proto" },
    { case: "fileContainingSymbol", value: `${Proto2Service.typeName}.Echo` },
    extension(name, 101),
    { case: "allExtensionNumbersOfType", value: name },
    { case: undefined },
  ];
  const expected = [
    [Proto2Service.typeName, ...itself],
    "5 File not found: gone.proto",
    ["proto2.proto"],
    ["proto2.proto"],
    { [name]: [100, 101] },
    "3 the request asks nothing: set file_by_filename, file_containing_symbol, file_containing_extension, " +
      "all_extension_numbers_of_type or list_services",
  ];
  const transport = createGrpcTransport({ baseUrl });
  const received = await answers(transport, questions);
  assert.deepEqual(received.map(said), expected);
  for (const [at, { validHost, originalRequest }] of received.entries()) {
    assert.deepEqual([validHost, originalRequest?.host], ["a.host", "a.host"]);
    assert.deepEqual(originalRequest?.messageRequest, questions[at]);
  }

  const alpha = createClient(ServerReflectionAlpha, transport);
  const request = { messageRequest: { case: "listServices", value: "" } } as const;
  for await (const { messageResponse } of alpha.serverReflectionInfo(toAsync([request]))) {
    assert.equal(messageResponse.case, "listServicesResponse");
  }
});

async function* toAsync<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values;
}

/** Starts a server of connect-node. */
async function listen(t: TestContext, routes: (router: ConnectRouter) => void): Promise<string> {
  const server = createServer(connectNodeAdapter({ routes })).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
