// All that `@connectum/core/schema` offers: the files behind services, and answers to reflection from an index in Rust.
import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { NativeSchema } from "./boundary/native.ts";

/** What a server can tell of its services. */
export interface SchemaContents {
  /** Serialized `google.protobuf.FileDescriptorProto`s: the files of the services and all that they import, each once. */
  readonly files: readonly Uint8Array[];
  /** The full names of the services, each once, in their order. */
  readonly services: readonly string[];
}

/**
 * The files and the names of `services`.
 *
 * Files are told apart by what they are, not by name: two different ones may have the same.
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

/** Answers the requests of one stream, in turn: a serialized `ServerReflectionRequest` by a serialized response. */
export type AnswerReflection = (request: Uint8Array) => Uint8Array;

/**
 * Files that can be asked for by what they declare, as gRPC Server Reflection does.
 *
 * ```ts
 * const { files, services } = schemaContents(server.services);
 * const answer = new SchemaIndex(files, services).openStream();
 * for await (const request of requests) yield answer(request);
 * ```
 */
export class SchemaIndex {
  /** The index itself, for the server that answers from it without JavaScript. */
  readonly native: NativeSchema;

  /**
   * @param files as {@link SchemaContents} has them, in any order. Of two with one name the first is found by it; what both
   *   declare is found
   * @param services the names to list
   * @throws Error for bytes that are no file, and when one is not there that another imports; it names them
   */
  constructor(files: readonly Uint8Array[], services: readonly string[]) {
    this.native = new NativeSchema([...files], [...services]);
  }

  /**
   * Begins a stream: it has been sent no files yet.
   *
   * An answer has the file asked for first, then those it imports that were not sent before on the stream. What has no
   * answer, bytes that are no request too, gets an `error_response`. `grpc.reflection.v1` and `v1alpha` are the same.
   */
  openStream(): AnswerReflection {
    const { native } = this;
    const sent = new Uint8Array(native.fileCount);
    return (request) => native.answer(request, sent);
  }
}
