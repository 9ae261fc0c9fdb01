// The files that are collected, and their order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  file_google_protobuf_api,
  file_google_protobuf_timestamp,
} from "@bufbuild/protobuf/wkt";
import { collectFileProtos } from "./collect-file-protos.ts";

/** A file with only a name and imports. */
function file(name: string, dependencies: DescFile[] = []): DescFile {
  return {
    ...file_google_protobuf_timestamp,
    name,
    dependencies,
    proto: { name: `${name}.proto` } as FileDescriptorProto,
  };
}

const names = (files: readonly FileDescriptorProto[]) => files.map(({ name }) => name);

// contract: RF-11, RF-13
test("imports come first, in the order given and declared, each file once", () => {
  const bottom = file("bottom");
  const left = file("left", [bottom]);
  const right = file("right", [bottom]);
  const top = file("top", [right, left]);
  const expected = ["bottom.proto", "right.proto", "left.proto", "top.proto"];
  assert.deepEqual(names(collectFileProtos([top])), expected);
  assert.deepEqual(names(collectFileProtos([left, top])), ["bottom.proto", "left.proto", "right.proto", "top.proto"]);
  assert.deepEqual(names(collectFileProtos([bottom, top, top])), expected);
});

// contract: RF-12
test("of two files with one name the first is collected", () => {
  const [one, other] = [file("same"), file("same", [file("only/the/other")])];
  assert.deepEqual(collectFileProtos([one, other]), [one.proto]);
  assert.deepEqual(names(collectFileProtos([other, one])), ["only/the/other.proto", "same.proto"]);
});

// contract: RF-13
test("a cycle of imports is allowed", () => {
  const imports: DescFile[] = [];
  const tick = file("tick", imports);
  imports.push(file("tock", [tick]));
  assert.deepEqual(names(collectFileProtos([tick])), ["tock.proto", "tick.proto"]);
});

// contract: RF-13, RF-14
test("well-known types are included, not copied, and a registry can be created from the result", () => {
  const files = Object.freeze([file_google_protobuf_api]);
  const protos = collectFileProtos(files);
  assert.deepEqual(names(protos), [
    "google/protobuf/source_context.proto",
    "google/protobuf/any.proto",
    "google/protobuf/type.proto",
    "google/protobuf/api.proto",
  ]);
  assert.equal(protos.at(-1), file_google_protobuf_api.proto, "no copy");
  const registry = createFileRegistry({ $typeName: "google.protobuf.FileDescriptorSet", file: protos });
  assert.equal(registry.getMessage("google.protobuf.Api")?.file.proto, file_google_protobuf_api.proto);
  assert.deepEqual(collectFileProtos([]), []);
});
