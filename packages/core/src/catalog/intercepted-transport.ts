// A transport with interceptors around the calls of another one, whose own come inside of these.
import type { Interceptor, Transport } from "@connectrpc/connect";
import { callIntercepted, type Send, timeLimit } from "./client-call.ts";
import { baseUrlOf } from "./default-transport.ts";

type Given = Parameters<Transport["unary"]> | Parameters<Transport["stream"]>;

/** For the URL of a request to a transport that does not tell its own (RFC 2606). */
const UNKNOWN_HOST = "https://remote.invalid";

/** @param interceptors the first is outermost */
export function interceptedTransport(transport: Transport, interceptors: readonly Interceptor[]): Transport {
  const intercept = ([method, signal, timeoutMs, header, input, values]: Given) => {
    const send: Send = ({ signal, header, message, stream }, { timeoutMs, values }) =>
      stream
        ? transport.stream(method as never, signal, timeoutMs, header, message as never, values)
        : transport.unary(method as never, signal, timeoutMs, header, message as never, values);
    const base = (baseUrlOf(transport) ?? UNKNOWN_HOST).replace(/\/+$/, "");
    const call = {
      method,
      url: `${base}/${method.parent.typeName}/${method.name}`,
      header: new Headers(header),
      timeoutMs: timeLimit(timeoutMs),
      canceledBy: signal,
      values,
      input,
    };
    return callIntercepted(call, interceptors, send) as Promise<never>;
  };
  return { unary: async (...given) => intercept(given), stream: async (...given) => intercept(given) };
}
