// Interceptors that run for some methods only.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { around, callPrepare, withPrepare } from "@connectum/hooks";
import type { Next } from "./calls/chain.ts";

/**
 * Interceptors by pattern: `*` for all calls, `package.Service/*` for the calls of a service, `package.Service/Method`
 * for those of a method. Methods have their names in the `.proto`.
 */
export type MethodFilterMap = Record<string, Interceptor[]>;

/**
 * Runs the interceptors of every pattern that matches a call: those of `*` outermost, then those of the service, then
 * those of the method.
 *
 * @throws Error for an invalid pattern. A server with a pattern that matches none of its methods does not start
 */
export function createMethodFilterInterceptor(methods: MethodFilterMap): Interceptor {
  const tiers = new Tiers(methods);
  const interceptor: Interceptor = (next) => (request) => {
    const { service, method } = request;
    const chain = tiers.compose(service.typeName, method.name, next);
    return chain(request);
  };
  return withPrepare(interceptor, (mounted: readonly DescMethod[]) => tiers.prepare(mounted));
}

class Tiers {
  readonly #global: readonly Interceptor[];
  readonly #services = new Map<string, readonly Interceptor[]>();
  readonly #exact = new Map<string, readonly Interceptor[]>();

  constructor(methods: MethodFilterMap) {
    for (const [pattern, interceptors] of Object.entries(methods)) {
      assertPattern(pattern);
      const own = [...interceptors];
      if (pattern.endsWith("/*")) this.#services.set(pattern.slice(0, -2), own);
      else if (pattern !== "*") this.#exact.set(pattern, own);
    }
    this.#global = [...(methods["*"] ?? [])];
  }

  /** Puts the interceptors that match a method around `next`. */
  compose(service: string, method: string, next: Next): Next {
    const exact = around(next, this.#exact.get(`${service}/${method}`) ?? none);
    return around(around(exact, this.#services.get(service) ?? none), this.#global);
  }

  /** @throws Error for a pattern that matches none of the methods */
  prepare(methods: readonly DescMethod[]): void {
    prepareAll(this.#global, methods);
    for (const [service, interceptors] of this.#services) {
      const matching = methods.filter(({ parent }) => parent.typeName === service);
      if (matching.length === 0) throw neverMatches(`${service}/*`, `service "${service}"`, methods);
      prepareAll(interceptors, matching);
    }
    for (const [pattern, interceptors] of this.#exact) {
      const matching = methods.filter((method) => pathOf(method) === pattern);
      if (matching.length === 0) throw neverMatches(pattern, `method "${pattern}"`, methods);
      prepareAll(interceptors, matching);
    }
  }
}

/** The interceptors of services and methods that no pattern names. */
const none: readonly Interceptor[] = [];

function assertPattern(pattern: string): void {
  const wrong = `Invalid method filter pattern: "${pattern}". `;
  if (pattern === "/*") throw new Error(`${wrong}Service name before "/*" must not be empty.`);
  if (pattern !== "*" && !pattern.includes("/")) {
    throw new Error(`${wrong}Expected "*", "Service/*", or "Service/Method".`);
  }
}

function prepareAll(interceptors: readonly Interceptor[], methods: readonly DescMethod[]): void {
  for (const interceptor of interceptors) callPrepare(interceptor, methods);
}

/** Names what would match: methods of the same service if it is mounted, else the services. */
function neverMatches(pattern: string, what: string, methods: readonly DescMethod[]): Error {
  const [service] = pattern.split("/");
  const siblings = methods.filter(({ parent }) => parent.typeName === service).map(pathOf);
  const known = siblings.length > 0 ? siblings : [...new Set(methods.map(({ parent }) => `${parent.typeName}/*`))];
  const right = known.length > 0 ? `Here are ${known.join(", ")}.` : "Here are none.";
  return new Error(`Method filter pattern "${pattern}" never matches: there is no ${what}. ${right}`);
}

function pathOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
