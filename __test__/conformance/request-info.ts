// A request as its handler saw it, in the form that the runner expects.
import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type Header,
  HeaderSchema,
} from "../../.build/conformance/connectrpc/conformance/v1/service_pb.js";

/** The headers, the deadline, the query of a GET, and the messages so far. */
export function requestInfo(context: HandlerContext, requests: Any[]): ConformancePayload_RequestInfo {
  const timeoutMs = context.timeoutMs();
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: headers(context.requestHeader),
    requests,
    ...(timeoutMs !== undefined && { timeoutMs: BigInt(timeoutMs) }),
    ...(context.requestMethod === "GET" && {
      connectGetInfo: { queryParams: headers(new URL(context.url).searchParams) },
    }),
  });
}

function headers(entries: Iterable<[string, string]>): Header[] {
  return Array.from(entries, ([name, value]) => create(HeaderSchema, { name, value: [value] }));
}
