// The HandlerContext of a call.
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type { Call } from "./call.ts";

/**
 * What a handler is given beside its message. Every property is the object's own and enumerable, so that spreading a
 * context keeps all of them; nothing is made before it is looked at.
 */
export function createContext(call: Call): HandlerContext {
  const { method } = call.route;
  let values: ContextValues | undefined;
  return {
    method,
    service: method.parent,
    get signal() {
      return call.signal;
    },
    timeoutMs: () => call.timeoutMs(),
    get requestMethod() {
      return call.requestMethod;
    },
    get requestHeader() {
      return call.requestHeader;
    },
    get responseHeader() {
      return call.responseHeader;
    },
    get responseTrailer() {
      return call.responseTrailer;
    },
    get protocolName() {
      return call.protocolName;
    },
    get values() {
      values ??= createContextValues();
      return values;
    },
    get url() {
      return call.url;
    },
  };
}
