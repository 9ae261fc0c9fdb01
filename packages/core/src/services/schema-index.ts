// The protobuf files of services, and responses to reflection from an index of them in Rust.
import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { NativeSchema } from "../boundary/native.ts";

/** What reflection can show of services. */
export interface SchemaContents {
  /** Serialized `google.protobuf.FileDescriptorProto`s: the files of the services and all that they import, each once. */
  readonly files: readonly Uint8Array[];
  /** The full names of the services, each once, in their order. */
  readonly services: readonly string[];
}

/**
 * The files and the names of `services`.
 *
 * Files are compared by identity: two different files of one name are both kept.
 */
export function schemaContents(services: readonly DescService[]): SchemaContents {
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(add);
  };
  for (const service of services) add(service.file);
  return {
    files: [...files].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto)),
    services: [...new Set(services.map(({ typeName }) => typeName))],
  };
}

/** Responds to one request of a stream: takes a serialized `ServerReflectionRequest`, returns a serialized response. */
export type AnswerReflection = (request: Uint8Array) => Uint8Array;

/**
 * An index of files by what they declare, as gRPC Server Reflection asks for them.
 *
 * ```ts
 * const { files, services } = schemaContents(server.services);
 * const answer = new SchemaIndex(files, services).openStream();
 * for await (const request of requests) yield answer(request);
 * ```
 */
export class SchemaIndex {
  /** The index itself, for a server with built-in reflection. */
  readonly native: NativeSchema;

  /**
   * @param files as {@link SchemaContents} has them, in any order. Of two with one name the first is found by that name;
   *   what either declares is found
   * @param services the names to list
   * @throws Error for bytes that are not a file, and for an import that is missing; it names the file
   */
  constructor(files: readonly Uint8Array[], services: readonly string[]) {
    this.native = new NativeSchema([...files], [...services]);
  }

  /**
   * Begins a stream, on which no file has been sent yet.
   *
   * A response has the file that was asked for first, then those of its imports that were not sent on the stream before.
   * Whatever cannot be found, and bytes that are not a request, get an `error_response`. `grpc.reflection.v1` and `v1alpha`
   * have the same messages.
   */
  openStream(): AnswerReflection {
    const { native } = this;
    const sent = new Uint8Array(native.fileCount);
    return (request) => native.answer(request, sent);
  }
}
