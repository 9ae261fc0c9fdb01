// Compiled, never run: programs that use @connectum/test-fixtures.
import type { DescField, DescMessage, DescMethod, DescMethodStreaming, DescService } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import * as fixtures from "@connectum/test-fixtures";
import type * as options from "@connectum/test-fixtures/types";

// contract: FX-types
// The types of the root, and those of the subpath.
export type OfTheRoot = [
  fixtures.FakeMethodOptions,
  fixtures.FakeServiceOptions,
  fixtures.MockCall<[string]>,
  fixtures.MockDescFieldOptions,
  fixtures.MockDescMessageOptions,
  fixtures.MockDescMethodOptions,
  fixtures.MockFn<() => void>,
  fixtures.MockNextOptions,
  fixtures.MockRequestOptions,
  fixtures.MockStreamOptions,
  // Ours.
  fixtures.MockNext,
  fixtures.MockRequest,
  fixtures.MockResponse,
  fixtures.MockStreamRequest,
  fixtures.MockUnaryRequest,
];
export type OfTypes = [
  options.FakeMethodOptions,
  options.FakeServiceOptions,
  options.MockDescFieldOptions,
  options.MockDescMessageOptions,
  options.MockDescMethodOptions,
  options.MockNextOptions,
  options.MockRequestOptions,
  options.MockStreamOptions,
];

// contract: ACE-7
// The assertion narrows.
export function codeOf(error: unknown): number {
  fixtures.assertConnectError(error, 5);
  return error.code;
}

// A request is connect's, of the kind that its options say; its parts can be replaced, and its message read.
const unary: UnaryRequest = fixtures.createMockRequest();
const named: UnaryRequest = fixtures.createMockRequest({ service: "a.B", stream: false });
const streaming: StreamRequest = fixtures.createMockRequest({ stream: true });
declare const list: DescMethodStreaming;
const listing: StreamRequest = fixtures.createMockRequest({ method: list });
declare const given: fixtures.MockRequestOptions;
const either: UnaryRequest | StreamRequest = fixtures.createMockRequest(given);
export function replaceParts(type: DescMessage): string {
  const request = fixtures.createMockRequest(given);
  request.method.input = type;
  request.header = new Headers();
  return request.message.name;
}

// A function in place of the handler is one that interceptors take, and records requests.
declare const interceptor: Interceptor;
export async function callThrough(): Promise<string> {
  const next = fixtures.createMockNext({ message: { name: "Ada" } });
  const passing = fixtures.createMockNextSlow(1);
  const failing: fixtures.MockNext = fixtures.createMockNextError(14);
  await interceptor(failing)(either);
  await interceptor(passing)(listing);
  await interceptor(next)(unary);
  const response = await next(named);
  return `${response.message.name} ${next.mock.calls[0]?.arguments[0].url}`;
}

// A spy has the types of its function.
const spy = fixtures.createMockFn((text: string, times: number) => text.repeat(times));
const text: string = spy("a", 2);
const args: readonly [string, number] | undefined = spy.mock.calls[0]?.arguments;

// Streams and descriptors.
const stream: AsyncIterable<number> = fixtures.createMockStream([1, 2], { delayMs: 1 });
const field: DescField = fixtures.createMockDescField("name", { isSensitive: true, fieldNumber: 2, type: "int32" });
const message: DescMessage = fixtures.createMockDescMessage("a.B", { fields: [{ name: "c" }], oneofs: ["d"] });
const method: DescMethod = fixtures.createMockDescMethod("C", { input: message, kind: "server_streaming" });
const service: DescService = fixtures.createFakeService({ typeName: "a.B" });
const fake: DescMethod = fixtures.createFakeMethod(service, "C", { methodKind: "unary", register: true });

// @ts-expect-error An option that does not exist.
fixtures.createMockRequest({ mesage: {} });
// @ts-expect-error An argument of another type.
spy(1, 2);

export const all = [streaming, text, args, stream, field, method, fake];
