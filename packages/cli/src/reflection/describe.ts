// What a server says about itself: its services, and the files that describe them.
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { CliError, EXIT } from "../failures/cli-error.ts";
import type { Connection } from "./connect-options.ts";
import { type Answer, type Ask, withReflection } from "./session.ts";

/** The services and files of a server. */
export interface Description {
  readonly services: string[];
  /** Each file behind those that it imports. */
  readonly set: FileDescriptorSet;
  /** Their names without `.proto`, as protobuf-es has them. */
  readonly fileNames: string[];
}

/** What of a server is wanted. */
export interface Wanted {
  /** Services by name; a `*` stands for any text. Default: all. */
  readonly services?: readonly string[] | undefined;
  /** Whether files of `google/protobuf` are left out. Default false. */
  readonly excludeWkt?: boolean | undefined;
}

/**
 * Asks a server.
 *
 * @throws CliError for a server that cannot be asked, and for services that it does not have
 */
export function describe(connection: Connection, wanted: Wanted): Promise<Description> {
  return withReflection(connection, async (ask) => {
    const all = servicesOf(await ask({ case: "listServices", value: "*" }), connection.url);
    const services = matching(all, wanted.services, connection.url);
    const files = new Map<string, FileDescriptorProto>();
    for (const symbol of services) await addFiles(ask, { case: "fileContainingSymbol", value: symbol }, files);
    const sorted = inOrder(files).filter(({ name }) => !wanted.excludeWkt || !name.startsWith("google/protobuf/"));
    const set = create(FileDescriptorSetSchema, { file: sorted });
    return { services, set, fileNames: sorted.map(({ name }) => name.replace(/\.proto$/, "")) };
  });
}

function servicesOf(answer: Answer, url: string): string[] {
  if (answer.case === "listServicesResponse") return answer.value.service.map(({ name }) => name);
  throw unexpected(answer, `${url} does not list its services`);
}

function matching(all: readonly string[], patterns: readonly string[] | undefined, url: string): string[] {
  if (patterns === undefined) return [...all];
  const escaped = (text: string) => text.replace(/[\\^$.+?()[\]{}|]/g, "\\$&").replaceAll("*", ".*");
  const expressions = patterns.map((pattern) => [pattern, new RegExp(`^${escaped(pattern)}$`)] as const);
  const absent = expressions.find(([, expression]) => !all.some((name) => expression.test(name)));
  if (absent !== undefined) {
    throw new CliError(`${url} has no service "${absent[0]}"; it has ${all.join(", ") || "none"}`, EXIT.usage);
  }
  return all.filter((name) => expressions.some(([, expression]) => expression.test(name)));
}

/** Adds the files of an answer, and those that they import. Servers tell them all, or only the one asked for. */
async function addFiles(
  ask: Ask,
  question: Parameters<Ask>[0],
  files: Map<string, FileDescriptorProto>,
): Promise<void> {
  const answer = await ask(question);
  if (answer.case !== "fileDescriptorResponse") {
    throw unexpected(answer, `the server does not describe ${question.value}`);
  }
  for (const bytes of answer.value.fileDescriptorProto) {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    files.set(file.name, file);
  }
  const missing = [...files.values()].flatMap(({ dependency }) => dependency).find((name) => !files.has(name));
  if (missing !== undefined) await addFiles(ask, { case: "fileByFilename", value: missing }, files);
}

/** Each file behind those that it imports, as a set has to be. */
function inOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const sorted = new Map<string, FileDescriptorProto>();
  const visit = (name: string) => {
    const file = files.get(name);
    if (file === undefined || sorted.has(name)) return;
    for (const imported of file.dependency) visit(imported);
    sorted.set(name, file);
  };
  for (const name of files.keys()) visit(name);
  return [...sorted.values()];
}

function unexpected(answer: Answer, what: string): CliError {
  const why = answer.case === "errorResponse" ? `${answer.value.errorMessage} (code ${answer.value.errorCode})` : "";
  return new CliError(`${what}${why && `: ${why}`}`, EXIT.noReflection);
}
