// The HandlerContext of a call.
import { inspect } from "node:util";
import { type ContextValues, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type { Call } from "./call.ts";

/**
 * What a handler is given beside its message. Every property is the object's own and enumerable, so that spreading a
 * context keeps all of them; nothing is made before it is looked at.
 *
 * Accessors of its own would cost more than the rest of a call: one closure each. So they are those of a class, and
 * a proxy shows them as own properties.
 */
export function createContext(call: Call): HandlerContext {
  return new Proxy(new Context(call), asOwn);
}

class Context implements HandlerContext {
  readonly #call: Call;
  #values: ContextValues | undefined;
  #timeoutMs: (() => number | undefined) | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  get method() {
    return this.#call.route.method;
  }

  get service() {
    return this.#call.route.method.parent;
  }

  get signal() {
    return this.#call.signal;
  }

  get timeoutMs() {
    this.#timeoutMs ??= () => this.#call.timeoutMs();
    return this.#timeoutMs;
  }

  get requestMethod() {
    return this.#call.requestMethod;
  }

  get requestHeader() {
    return this.#call.requestHeader;
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
    this.#values ??= createContextValues();
    return this.#values;
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

const names = Object.getOwnPropertyNames(Context.prototype).filter((name) => name !== "constructor");
const isName = new Set<PropertyKey>(names);

const asOwn: ProxyHandler<Context> = {
  // Of the context itself, as its private fields are not the proxy's.
  get: (context, name) => context[name as keyof Context],
  ownKeys: () => names,
  getOwnPropertyDescriptor: (context, name) =>
    isName.has(name) ? { value: context[name as keyof Context], enumerable: true, configurable: true } : undefined,
};
