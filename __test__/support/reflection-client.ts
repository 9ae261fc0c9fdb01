// A client of reflection: sends its requests on one stream, and shortens the responses.
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "@connectum/reflection/proto";
import type { ServerReflection as ServerReflectionAlpha } from "../../packages/reflection/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { deferred } from "./deferred.ts";

/** The content of a request. */
export type Question = ServerReflectionRequest["messageRequest"];

/** Names of files, the file asked for first, or of services; numbers by the message extended; or the error. */
export type Said = string[] | Record<string, number[]> | string | undefined;

/** Asks for the services. */
export const LIST: Question = { case: "listServices", value: "*" };

/** Asks for an extension. */
export function extension(containingType: string, extensionNumber: number): Question {
  const value = { $typeName: "grpc.reflection.v1.ExtensionRequest" as const, containingType, extensionNumber };
  return { case: "fileContainingExtension", value };
}

/**
 * All responses of one stream; each request is sent after the response to the one before. Both versions have the same
 * messages.
 */
export async function answers(
  transport: Transport,
  questions: readonly Question[],
  service: typeof ServerReflection | typeof ServerReflectionAlpha = ServerReflection,
): Promise<ServerReflectionResponse[]> {
  const client = createClient(service as typeof ServerReflection, transport);
  const received: ServerReflectionResponse[] = [];
  let answered = deferred();
  async function* requests() {
    for (const messageRequest of questions) {
      answered = deferred();
      yield { host: "a.host", messageRequest };
      await answered.promise;
    }
  }
  for await (const answer of client.serverReflectionInfo(requests())) {
    received.push(answer);
    answered.resolve();
  }
  return received;
}

/** {@link answers}, shortened. */
export async function ask(transport: Transport, questions: readonly Question[]): Promise<Said[]> {
  return (await answers(transport, questions)).map(said);
}

/** A response, shortened: names of files or services, numbers, or the error. */
export function said({
  messageResponse: { case: kind, value },
}: Pick<ServerReflectionResponse, "messageResponse">): Said {
  switch (kind) {
    case "fileDescriptorResponse":
      return value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
    case "listServicesResponse":
      return value.service.map(({ name }) => name);
    case "allExtensionNumbersResponse":
      return { [value.baseTypeName]: value.extensionNumber };
    case "errorResponse":
      return `${value.errorCode} ${value.errorMessage}`;
    default:
      return undefined;
  }
}
