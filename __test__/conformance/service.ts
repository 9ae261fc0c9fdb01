// The service that the runner calls: each request defines its response, which echoes the request.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayloadSchema,
  ConformanceService,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "../../.build/conformance/connectrpc/conformance/v1/service_pb.js";
import { connectError, delay, setMetadata } from "./definition.ts";
import { requestInfo } from "./request-info.ts";

type Payload = MessageInitShape<typeof ConformancePayloadSchema>;

/** `Unimplemented` is omitted on purpose: the runner tests that it is missing. */
export default function routes(router: ConnectRouter): void {
  router.service(ConformanceService, {
    async unary(request, context) {
      return { payload: await answer(request.responseDefinition, [anyPack(UnaryRequestSchema, request)], context) };
    },

    async idempotentUnary(request, context) {
      const requests = [anyPack(IdempotentUnaryRequestSchema, request)];
      return { payload: await answer(request.responseDefinition, requests, context) };
    },

    async clientStream(requests, context) {
      let definition: UnaryResponseDefinition | undefined;
      const received: Any[] = [];
      for await (const request of requests) {
        if (received.length === 0) definition = request.responseDefinition;
        received.push(anyPack(ClientStreamRequestSchema, request));
      }
      return { payload: await answer(definition, received, context) };
    },

    async *serverStream(request, context) {
      setMetadata(request.responseDefinition, context);
      const received = [anyPack(ServerStreamRequestSchema, request)];
      for await (const payload of answers(request.responseDefinition, 0, received, context)) yield { payload };
    },

    async *bidiStream(requests, context) {
      let definition: StreamResponseDefinition | undefined;
      let isFullDuplex = false;
      let isFirst = true;
      let answered = 0;
      /** The requests since the last response. */
      let received: Any[] = [];
      for await (const request of requests) {
        received.push(anyPack(BidiStreamRequestSchema, request));
        if (isFirst) {
          definition = request.responseDefinition;
          isFullDuplex = request.fullDuplex;
          setMetadata(definition, context);
          isFirst = false;
        }
        if (!isFullDuplex) continue;
        const data = definition?.responseData[answered];
        if (data === undefined) break;
        await delay(definition, context);
        yield {
          payload: { data, requestInfo: answered === 0 ? requestInfo(context, received) : { requests: received } },
        };
        answered += 1;
        received = [];
      }
      for await (const payload of answers(definition, answered, received, context)) yield { payload };
    },
  });
}

/** The only response, or the error in its place. */
async function answer(
  definition: UnaryResponseDefinition | undefined,
  requests: Any[],
  context: HandlerContext,
): Promise<Payload> {
  const info = requestInfo(context, requests);
  setMetadata(definition, context);
  await delay(definition, context);
  const response = definition?.response;
  if (response?.case === "error") throw connectError(response.value, info);
  return { requestInfo: info, ...(response?.case === "responseData" && { data: response.value }) };
}

/** The responses of a stream from number `next` on, then its error. The first response describes the request. */
async function* answers(
  definition: StreamResponseDefinition | undefined,
  next: number,
  requests: Any[],
  context: HandlerContext,
): AsyncGenerator<Payload> {
  if (definition === undefined) return;
  const info = next === 0 ? requestInfo(context, requests) : undefined;
  for (const [index, data] of definition.responseData.slice(next).entries()) {
    await delay(definition, context);
    yield index === 0 && info !== undefined ? { data, requestInfo: info } : { data };
  }
  if (definition.error !== undefined) {
    throw connectError(definition.error, definition.responseData.length === 0 ? info : undefined);
  }
}
