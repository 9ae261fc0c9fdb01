// Asking a server for its descriptors, for programs.
import { createFileRegistry, type FileRegistry, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectOptions } from "../reflection/connect-options.ts";
import { describe } from "../reflection/describe.ts";

/** What a server says about itself. */
export interface ReflectionResult {
  /** The names of all services, those of reflection and health too. */
  services: string[];
  /** All files, with those that they import. */
  registry: FileRegistry;
  /** The names of the files without `.proto`, as protobuf-es has them, in the order of the registry. */
  fileNames: string[];
}

/**
 * The services of a server, and a registry of all their files.
 *
 * @param url with `http:` or `https:`
 * @throws CliError for a server that cannot be asked
 */
export async function fetchReflectionData(url: string, options: ConnectOptions = {}): Promise<ReflectionResult> {
  const { services, set, fileNames } = await describe({ ...options, url }, {});
  return { services, registry: createFileRegistry(set), fileNames };
}

/**
 * A serialized `google.protobuf.FileDescriptorSet` with all files of a server: an input of `buf generate`.
 *
 * @param url with `http:` or `https:`
 * @throws CliError for a server that cannot be asked
 */
export async function fetchFileDescriptorSetBinary(url: string, options: ConnectOptions = {}): Promise<Uint8Array> {
  return toBinary(FileDescriptorSetSchema, (await describe({ ...options, url }, {})).set);
}
