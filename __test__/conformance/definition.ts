// The parts of a response that a request defines: metadata, a delay, an error.
import { setTimeout as sleep } from "node:timers/promises";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { type Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import {
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type Error as ErrorDefinition,
  type Header,
} from "../../.build/conformance/connectrpc/conformance/v1/service_pb.js";

/** The fields that the definitions of a unary response and of a stream share. */
export interface Definition {
  readonly responseHeaders: Header[];
  readonly responseTrailers: Header[];
  readonly responseDelayMs: number;
}

/** Sets headers and trailers. Without a definition there are none. */
export function setMetadata(definition: Definition | undefined, context: HandlerContext): void {
  append(context.responseHeader, definition?.responseHeaders ?? []);
  append(context.responseTrailer, definition?.responseTrailers ?? []);
}

/** Waits for the requested time, but not beyond the end of the call. */
export async function delay(definition: Definition | undefined, { signal }: HandlerContext): Promise<void> {
  const ms = definition?.responseDelayMs ?? 0;
  if (ms > 0) await sleep(ms, undefined, { signal });
}

/** @param info what the runner wants to see as one more detail */
export function connectError(definition: ErrorDefinition, info?: ConformancePayload_RequestInfo): ConnectError {
  // The numbers of the runner's codes are those of gRPC, as connect's are.
  const error = new ConnectError(definition.message ?? "", definition.code as number as Code);
  const details = info === undefined ? [] : [anyPack(ConformancePayload_RequestInfoSchema, info)];
  for (const { typeUrl, value } of [...definition.details, ...details]) {
    error.details.push({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value });
  }
  return error;
}

function append(fields: Headers, definitions: Header[]): void {
  for (const { name, value: values } of definitions) {
    for (const value of values) fields.append(name, value);
  }
}
