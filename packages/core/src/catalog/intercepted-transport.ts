// A transport with interceptors around the calls of another one, whose own come inside of these.
import { create, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import {
  createContextValues,
  type Interceptor,
  type StreamRequest,
  type StreamResponse,
  type Transport,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { around } from "@connectum/hooks";
import { baseUrlOf } from "./default-transport.ts";

type AnyRequest = UnaryRequest | StreamRequest;
type AnyResponse = UnaryResponse | StreamResponse;
type Next = (request: AnyRequest) => Promise<AnyResponse>;
type Given = Parameters<Transport["unary"]> | Parameters<Transport["stream"]>;

/** For the URL of a request to a transport that does not tell its own (RFC 2606). */
const UNKNOWN_HOST = "https://remote.invalid";

/** @param interceptors the first is outermost */
export function interceptedTransport(transport: Transport, interceptors: readonly Interceptor[]): Transport {
  // connect's interceptors have a type for each kind of call, and only one of them is asked for at a time.
  const chain = interceptors as unknown as ((next: Next) => Next)[];
  const intercept = (isStream: boolean, [method, signal, timeoutMs, header, input, values]: Given) => {
    const send: Next = ({ signal, header, message, contextValues }) =>
      isStream
        ? transport.stream(method as never, signal, timeoutMs, header, message as never, contextValues)
        : transport.unary(method as never, signal, timeoutMs, header, message as never, contextValues);
    const request = {
      stream: isStream,
      service: method.parent,
      method,
      requestMethod: "POST",
      url: `${(baseUrlOf(transport) ?? UNKNOWN_HOST).replace(/\/+$/, "")}/${method.parent.typeName}/${method.name}`,
      header: new Headers(header),
      contextValues: values ?? createContextValues(),
      signal: signal ?? new AbortController().signal,
      message: isStream ? messagesOf(method, input as never) : create(method.input, input as never),
    };
    return around(send, chain)(request as unknown as AnyRequest) as Promise<never>;
  };
  return {
    unary: async (...given) => intercept(false, given),
    stream: async (...given) => intercept(true, given),
  };
}

async function* messagesOf(
  { input: type }: DescMethod,
  input: AsyncIterable<MessageInitShape<DescMethod["input"]>>,
): AsyncGenerator<Message> {
  for await (const message of input) yield create(type, message);
}
