// The HandlerContext of a call.
import { inspect } from "node:util";
import type { DescService } from "@bufbuild/protobuf";
import type { ContextValues, HandlerContext } from "@connectrpc/connect";
import type { Call } from "./call.ts";
import { ownAccessors } from "./own-accessors.ts";

/**
 * The context of a call without interceptors. Every property is the object's own and enumerable, so that spreading a
 * context keeps all of them; nothing is made before a handler looks at it.
 */
export function createContext(call: Call): HandlerContext {
  return new Proxy(new Context(call), asOwn);
}

/** The same, with what interceptors have passed on. */
export function createContextWith(call: Call, given: Given): HandlerContext {
  return new Proxy(new Context(call, given), asOwn);
}

/** What interceptors pass on in place of the call's own. */
export interface Given {
  readonly service: DescService;
  readonly signal: AbortSignal;
  readonly header: Headers;
  readonly contextValues: ContextValues;
}

class Context implements HandlerContext {
  readonly #call: Call;
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

  /**
   * What `console.log(context)` shows: the method and how it was called. Everything else would have to be made for it.
   */
  [inspect.custom]() {
    const { method, protocolName, requestMethod, url } = this;
    return { method: `${method.parent.typeName}/${method.name}`, protocolName, requestMethod, url };
  }
}

const asOwn = ownAccessors(Context.prototype);
