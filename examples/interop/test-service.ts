// The service that gRPC's interoperability clients call. What each method does:
// https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
import { setTimeout } from "node:timers/promises";
import { type Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import type { EchoStatus, ResponseParameters } from "./gen/grpc/testing/messages_pb.js";
import { TestService } from "./gen/grpc/testing/test_pb.js";

/** For `createServer({ services: [routes] })`. `UnimplementedCall` is omitted, as the tests require. */
export default function routes(router: ConnectRouter): void {
  router.service(TestService, {
    emptyCall: () => ({}),

    unaryCall(request, context) {
      echoMetadata(context);
      raise(request.responseStatus);
      return zeros(request.responseSize);
    },

    async *streamingOutputCall(request, context) {
      echoMetadata(context);
      yield* outputs(request.responseParameters, context);
      raise(request.responseStatus);
    },

    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },

    async *fullDuplexCall(requests, context) {
      echoMetadata(context);
      for await (const { responseParameters, responseStatus } of requests) {
        raise(responseStatus);
        yield* outputs(responseParameters, context);
      }
    },

    async *halfDuplexCall(requests, context) {
      const all = [];
      for await (const { responseParameters } of requests) all.push(...responseParameters);
      yield* outputs(all, context);
    },
  });
}

async function* outputs(parameters: ResponseParameters[], { signal }: HandlerContext) {
  for (const { size, intervalUs } of parameters) {
    if (intervalUs > 0) await setTimeout(intervalUs / 1000, undefined, { signal });
    yield zeros(size);
  }
}

function zeros(size: number) {
  return { payload: { body: new Uint8Array(size) } };
}

function raise(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new ConnectError(status.message, status.code as Code);
}

function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const initial = requestHeader.get("x-grpc-test-echo-initial");
  if (initial !== null) responseHeader.set("x-grpc-test-echo-initial", initial);
  const trailing = requestHeader.get("x-grpc-test-echo-trailing-bin");
  if (trailing !== null) responseTrailer.set("x-grpc-test-echo-trailing-bin", trailing);
}
