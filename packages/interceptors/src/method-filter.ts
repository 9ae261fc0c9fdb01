// Interceptors for some methods only.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { around, callPrepare, withPrepare } from "@connectum/hooks";
import type { Next } from "./chain.ts";

/**
 * Interceptors by pattern: `*` for all calls, `package.Service/*` for those of a service, `package.Service/Method` for those of a
 * method. Methods are named as in the `.proto`.
 */
export type MethodFilterMap = Record<string, Interceptor[]>;

/**
 * Runs the interceptors of every pattern that fits a call: those for all outermost, then those of its service, then those of its
 * method.
 *
 * @throws Error for a pattern that is none. A server that starts with a pattern that fits none of its methods throws, too
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

  /** The first interceptor becomes the outermost. */
  compose(service: string, method: string, next: Next): Next {
    const exact = around(next, this.#exact.get(`${service}/${method}`) ?? none);
    return around(around(exact, this.#services.get(service) ?? none), this.#global);
  }

  /** @throws Error for a pattern that fits none of the methods */
  prepare(methods: readonly DescMethod[]): void {
    prepareAll(this.#global, methods);
    for (const [service, interceptors] of this.#services) {
      const fitting = methods.filter(({ parent }) => parent.typeName === service);
      if (fitting.length === 0) throw neverMatches(`${service}/*`, `service "${service}"`, methods);
      prepareAll(interceptors, fitting);
    }
    for (const [pattern, interceptors] of this.#exact) {
      const fitting = methods.filter((method) => pathOf(method) === pattern);
      if (fitting.length === 0) throw neverMatches(pattern, `method "${pattern}"`, methods);
      prepareAll(interceptors, fitting);
    }
  }
}

/** For a service, or a method, that no pattern names. */
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

/** Names what is there: of the same service, if it is; else the services. */
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
