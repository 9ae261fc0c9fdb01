// The HandlerContext of a call.
import { inspect } from "node:util";
import type { HandlerContext } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import type { InterceptedRequest } from "./intercepted-request.ts";
import { ownAccessors } from "./own-accessors.ts";

/**
 * What a handler is given beside its message. Every property is the object's own and enumerable, so that spreading a
 * context keeps all of them; nothing is made before it is looked at.
 */
export function createContext(call: Call): HandlerContext {
  return new Proxy(new Context(call), asOwn);
}

/** The same, with header, signal and values of a request that interceptors have changed. */
export function createContextWith(call: Call, given: Given): HandlerContext {
  return new Proxy(new Context(call, given), asOwn);
}

type Given = Pick<InterceptedRequest, "header" | "signal" | "contextValues" | "service">;

class Context implements HandlerContext {
  readonly #call: Call;
  /** What interceptors have passed on in place of the call's own. */
  readonly #given: Given | undefined;
  #timeoutMs: (() => number | undefined) | undefined;

  constructor(call: Call, given?: Given) {
    this.#call = call;
    this.#given = given;
  }

  get method() {
    return this.#call.route.method;
  }

  get service() {
    return this.#given?.service ?? this.#call.route.method.parent;
  }

  get signal() {
    return this.#given?.signal ?? this.#call.signal;
  }

  get timeoutMs() {
    this.#timeoutMs ??= () => this.#call.timeoutMs();
    return this.#timeoutMs;
  }

  get requestMethod() {
    return this.#call.requestMethod;
  }

  get requestHeader() {
    return this.#given?.header ?? this.#call.requestHeader;
  }

  get responseHeader() {
    return this.#call.responseHeader;
  }

  get responseTrailer() {
    return this.#call.responseTrailer;
  }

  get protocolName() {
    return this.#call.protocolName;
  }

  get values() {
    return this.#given?.contextValues ?? this.#call.values;
  }

  get url() {
    return this.#call.url;
  }

  /** What `console.log(context)` shows: who is called and how. The rest would have to be made for it. */
  [inspect.custom]() {
    const { method, protocolName, requestMethod, url } = this;
    return { method: `${method.parent.typeName}/${method.name}`, protocolName, requestMethod, url };
  }
}

const asOwn = ownAccessors(Context.prototype);
