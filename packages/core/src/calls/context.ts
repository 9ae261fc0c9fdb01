// The context of a call, for its handler.
import { inspect } from "node:util";
import type { DescService } from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import { type AbortListener, ON_ABORT, onAbort } from "@connectum/hooks";
import type { CatalogClient, Context } from "../catalog/call-types.ts";
import type { Call } from "./call.ts";
import { ownAccessors } from "./own-accessors.ts";

/**
 * The context of a call without interceptors. Every property is the object's own and enumerable, so that spreading a
 * context keeps all of them; each is created on first use.
 */
export function createContext(call: Call): Context {
  return new Proxy(new CallContext(call), asOwn);
}

/** The same, with the properties that interceptors have passed on. */
export function createContextWith(call: Call, overrides: Overrides): Context {
  return new Proxy(new CallContext(call, overrides), asOwn);
}

/** Properties that interceptors may replace. */
export interface Overrides {
  readonly service: DescService;
  readonly signal: AbortSignal;
  readonly header: Headers;
  readonly contextValues: ContextValues;
}

class CallContext implements Context {
  readonly #call: Call;
  readonly #overrides: Overrides | undefined;
  #timeoutMs: (() => number | undefined) | undefined;
  #client: CatalogClient | undefined;

  constructor(call: Call, overrides?: Overrides) {
    this.#call = call;
    this.#overrides = overrides;
  }

  get method() {
    return this.#call.route.method;
  }

  get service() {
    return this.#overrides?.service ?? this.#call.route.method.parent;
  }

  get signal() {
    return this.#overrides?.signal ?? this.#call.signal;
  }

  get timeoutMs() {
    this.#timeoutMs ??= () => this.#call.timeoutMs();
    return this.#timeoutMs;
  }

  get requestMethod() {
    return this.#call.requestMethod;
  }

  get requestHeader() {
    return this.#overrides?.header ?? this.#call.requestHeader;
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

  get peer() {
    return this.#call.peer;
  }

  get values() {
    return this.#overrides?.contextValues ?? this.#call.values;
  }

  get url() {
    return this.#call.url;
  }

  get call() {
    return this.#outgoing.call;
  }

  get stream() {
    return this.#outgoing.stream;
  }

  /** Listens without an AbortSignal, unless the handler has set another one: `ctx.call` needs no more. */
  get [ON_ABORT](): ((listener: AbortListener) => () => void) | undefined {
    if (Object.hasOwn(this, "signal")) return undefined;
    const overrides = this.#overrides;
    if (overrides !== undefined) return (listener) => onAbort(overrides, listener);
    return (listener) => this.#call.whenAborted(listener);
  }

  /**
   * For `console.log(context)`: the method and how it was called. Everything else would have to be created for it.
   */
  [inspect.custom]() {
    const { method, protocolName, requestMethod, url } = this;
    return { method: `${method.parent.typeName}/${method.name}`, protocolName, requestMethod, url };
  }

  get #outgoing(): CatalogClient {
    this.#client ??= this.#call.route.outgoing.client(this);
    return this.#client;
  }
}

const asOwn = ownAccessors(CallContext.prototype, ["call", "stream"]);
