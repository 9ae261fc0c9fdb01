// The protobuf files of services, and an index of them in Rust for reflection.
import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { NativeSchema } from "../boundary/native.ts";

/** The part of a server that reflection shows. */
export interface SchemaContents {
  /** Serialized `google.protobuf.FileDescriptorProto`s: the files of the services and their imports, each once. */
  readonly files: readonly Uint8Array[];
  /** The full names of the services, each once, in their order. */
  readonly services: readonly string[];
}

/**
 * The files and the names of `services`.
 *
 * Files are compared by identity, not by name: two different ones may have the same name.
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

/**
 * Returns the serialized response to a serialized `ServerReflectionRequest`, for the requests of one stream in turn.
 */
export type RespondToReflection = (request: Uint8Array) => Uint8Array;

/**
 * An index of files by name and by what they declare, for gRPC Server Reflection.
 *
 * ```ts
 * const { files, services } = schemaContents(server.services);
 * const respond = new SchemaIndex(files, services).openStream();
 * for await (const request of requests) yield respond(request);
 * ```
 */
export class SchemaIndex {
  /** The index itself, for a server that responds from it without JavaScript. */
  readonly native: NativeSchema;

  /**
   * @param files as in {@link SchemaContents}, in any order. Of two files with one name the first is found by that
   * name, and the declarations of both are found
   * @param services the names to list
   * @throws Error for bytes that are not a file descriptor, and for imports that are missing, with their names
   */
  constructor(files: readonly Uint8Array[], services: readonly string[]) {
    this.native = new NativeSchema([...files], [...services]);
  }

  /**
   * Starts a stream, on which no file has been sent yet.
   *
   * A response has the requested file first, then those of its imports that were not sent on the stream before. A
   * request that cannot be parsed, or finds nothing, gets an `error_response`. The bytes of `grpc.reflection.v1` and
   * `v1alpha` are the same.
   */
  openStream(): RespondToReflection {
    const { native } = this;
    const sent = new Uint8Array(native.fileCount);
    return (request) => native.respond(request, sent);
  }
}
