// The files that describe a server's services, and the index that responds to reflection requests from them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { EditionsService } from "../../../../__test__/protobuf-files/gen/editions_pb.js";
import { Proto2Service } from "../../../../__test__/protobuf-files/gen/proto2_pb.js";
import { Proto3Service, WellKnownService } from "../../../../__test__/protobuf-files/gen/proto3_pb.js";
import { SameService as SameOne } from "../../../../__test__/protobuf-files/same-name-one/gen/same_pb.js";
import { SameService as SameTwo } from "../../../../__test__/protobuf-files/same-name-two/gen/same_pb.js";
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../../reflection/gen/grpc/reflection/v1/reflection_pb.js";
import { SchemaIndex, schemaContents } from "./schema-index.ts";

const parse = (file: Uint8Array) => fromBinary(FileDescriptorProtoSchema, file);
const names = (files: readonly Uint8Array[]) => files.map((file) => parse(file).name);

function index(...services: DescService[]): SchemaIndex {
  const contents = schemaContents(services);
  return new SchemaIndex(contents.files, contents.services);
}

/** The files in the response for a symbol, or the text of its error. */
function filesOf(respond: (request: Uint8Array) => Uint8Array, symbol: string): Uint8Array[] | string {
  const request = { messageRequest: { case: "fileContainingSymbol", value: symbol } } as const;
  const bytes = respond(toBinary(ServerReflectionRequestSchema, create(ServerReflectionRequestSchema, request)));
  const { messageResponse } = fromBinary(ServerReflectionResponseSchema, bytes);
  if (messageResponse.case === "fileDescriptorResponse") return messageResponse.value.fileDescriptorProto;
  return messageResponse.case === "errorResponse" ? messageResponse.value.errorMessage : assert.fail();
}

test("the contents have the file of each service and all its imports, each once", () => {
  const { files, services } = schemaContents([WellKnownService, Proto3Service, WellKnownService, EditionsService]);
  assert.deepEqual(services, [WellKnownService.typeName, Proto3Service.typeName, EditionsService.typeName]);
  assert.deepEqual(names(files), [
    "proto3.proto",
    "google/protobuf/any.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto",
    "editions.proto",
  ]);
  assert.deepEqual(schemaContents([]), { files: [], services: [] });
});

// contract: RF-23
test("a file is described as in its generated code: editions, proto2 with groups, options", () => {
  for (const service of [EditionsService, Proto2Service, Proto3Service]) {
    const [file] = filesOf(index(service).openStream(), service.typeName);
    assert.ok(file instanceof Uint8Array, service.typeName);
    assert.deepEqual(parse(file), service.file.proto);
    assert.equal(parse(file).sourceCodeInfo, undefined, "comments are not in generated code");
  }
});

test("two files with the same name are both described", () => {
  const respond = index(SameOne, SameTwo).openStream();
  for (const service of [SameOne, SameTwo]) {
    const files = filesOf(respond, service.typeName);
    assert.ok(Array.isArray(files), service.typeName);
    assert.deepEqual(
      files.map((file) => parse(file).package),
      [service.file.proto.package],
    );
  }
});

// contract: RF-21
test("a stream gets each file once, unless it asks for the file again", () => {
  const schema = index(Proto3Service);
  const stream = schema.openStream();
  const [any, proto3] = ["google.protobuf.Any", Proto3Service.typeName];
  assert.deepEqual(names(filesOf(stream, any) as Uint8Array[]), ["google/protobuf/any.proto"]);
  const rest = names(filesOf(stream, proto3) as Uint8Array[]);
  assert.deepEqual([rest.length, rest[0], rest.includes("google/protobuf/any.proto")], [7, "proto3.proto", false]);
  assert.deepEqual(names(filesOf(stream, proto3) as Uint8Array[]), ["proto3.proto"]);
  assert.equal(filesOf(schema.openStream(), proto3).length, 8, "another stream starts without any files");
});

// contract: RF-24
test("files that cannot be indexed are rejected, and the error names them", () => {
  const { files } = schemaContents([Proto3Service]);
  const text = "proto3.proto imports google/protobuf/any.proto, which is not among the files";
  assert.throws(() => new SchemaIndex(files.slice(0, 1), []), new RegExp(text));
  assert.throws(
    () => new SchemaIndex([Buffer.from("\x0a\x05a")], []),
    /file 0 is no google.protobuf.FileDescriptorProto/,
  );
});

test("invalid bytes get an error response, not an exception", () => {
  const respond = index(SameOne).openStream();
  const { messageResponse } = fromBinary(ServerReflectionResponseSchema, respond(Buffer.from("\x0a\x05a")));
  assert.ok(messageResponse.case === "errorResponse");
  assert.equal(messageResponse.value.errorCode, 3);
  assert.match(messageResponse.value.errorMessage, /^parse binary: /);
});

test("a list of sent files of the wrong size is rejected", () => {
  const { native } = index(SameOne, SameTwo);
  assert.equal(native.fileCount, 2);
  assert.throws(() => native.respond(new Uint8Array(), new Uint8Array(3)), /sent has 3 bytes, and must have 2/);
});

test("a request may be in the same memory as the list of sent files", () => {
  const file = (name: string, dependency: string[] = []) =>
    toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, { name, dependency }));
  const others = ["b", "c", "d", "e", "f"];
  const { native } = new SchemaIndex([file("aa", others), ...others.map((name) => file(name))], []);
  // The file "aa", and an unknown field whose value is 0: only the last file was not sent.
  const both = Uint8Array.of(0x1a, 2, 0x61, 0x61, 0x78, 0);
  assert.equal(native.fileCount, both.length);
  const { originalRequest, messageResponse } = fromBinary(ServerReflectionResponseSchema, native.respond(both, both));
  assert.deepEqual(originalRequest?.messageRequest, { case: "fileByFilename", value: "aa" });
  assert.ok(messageResponse.case === "fileDescriptorResponse");
  assert.deepEqual(names(messageResponse.value.fileDescriptorProto), ["aa", "f"]);
  assert.ok(
    both.every((sent) => sent !== 0),
    "all are marked",
  );
});
