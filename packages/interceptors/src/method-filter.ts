// Interceptors that run for some methods only.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import {
  around,
  assertArray,
  assertInterceptors,
  callPrepare,
  isPlainObject,
  markFactory,
  shown,
  withPrepare,
} from "@connectum/hooks";
import { isNegated, MethodPattern } from "./method-pattern.ts";

/**
 * Interceptors by pattern: `*` for all calls, `package.*` for those of services whose full names begin with `package.`,
 * `package.Service/*` for the calls of a service, `package.Service/Method` for those of a method. `!pattern` is for all
 * calls but those of the pattern. Methods have their names in the `.proto`.
 */
export type MethodFilterMap = Record<string, Interceptor[]>;

const WHERE = "createMethodFilterInterceptor";

/**
 * Runs the interceptors of every pattern that matches a call, outermost first: those of `*` and of negated patterns in
 * the order of the map, those of packages, shorter names first, those of the service, those of the method.
 *
 * @throws Error for an invalid pattern; TypeError unless every pattern has a list of interceptors. A server with a
 * pattern that matches none of its methods does not start; a negated one may match any number
 */
export function createMethodFilterInterceptor(methods: MethodFilterMap): Interceptor {
  const filters = filtersOf(methods);
  /** The interceptors of each method that was called, by its path. */
  const chains = new Map<string, readonly Interceptor[]>();
  const chainOf = (service: string, method: string): readonly Interceptor[] => {
    const path = `${service}/${method}`;
    let chain = chains.get(path);
    if (chain === undefined) {
      chain = filters
        .filter(({ pattern }) => pattern.matches(service, method))
        .flatMap(({ interceptors }) => interceptors);
      chains.set(path, chain);
    }
    return chain;
  };
  const interceptor: Interceptor = (next) => (request) => {
    const { service, method } = request;
    return around(next, chainOf(service.typeName, method.name))(request);
  };
  return withPrepare(interceptor, (mounted: readonly DescMethod[]) => {
    for (const filter of filters) prepare(filter, mounted);
  });
}

markFactory(createMethodFilterInterceptor, `${WHERE}({ … })`);

interface Filter {
  readonly pattern: MethodPattern;
  readonly interceptors: readonly Interceptor[];
}

/** The filters in the order in which they run. */
function filtersOf(methods: unknown): Filter[] {
  if (!isPlainObject(methods)) {
    throw new TypeError(
      `${WHERE}: the argument must be an object of lists of interceptors by pattern, not ${shown(methods)}`,
    );
  }
  const filters = Object.entries(methods).map(([text, interceptors]): Filter => {
    const pattern = new MethodPattern(text);
    assertArray(WHERE, JSON.stringify(text), interceptors ?? null);
    assertInterceptors(WHERE, JSON.stringify(text), interceptors);
    return { pattern, interceptors: [...interceptors] };
  });
  // sort() is stable: what is of one rank stays in the order of the map.
  return filters.sort((a, b) => a.pattern.rank - b.pattern.rank);
}

/** @throws Error for a pattern that matches none of the methods, unless it is negated */
function prepare({ pattern, interceptors }: Filter, methods: readonly DescMethod[]): void {
  const matching = methods.filter(({ parent, name }) => pattern.matches(parent.typeName, name));
  if (matching.length === 0 && pattern.isSpecific && !isNegated(pattern.text)) throw neverMatches(pattern, methods);
  for (const interceptor of interceptors) callPrepare(interceptor, matching);
}

/** Names what would match: methods of the same service if it is mounted, else the services. */
function neverMatches(pattern: MethodPattern, methods: readonly DescMethod[]): Error {
  const [service] = pattern.text.split("/");
  const siblings = methods.filter(({ parent }) => parent.typeName === service).map(pathOf);
  const known = siblings.length > 0 ? siblings : [...new Set(methods.map(({ parent }) => `${parent.typeName}/*`))];
  const right = known.length > 0 ? `Here are ${known.join(", ")}.` : "Here are none.";
  return new Error(`Method filter pattern "${pattern.text}" never matches: there is no ${pattern.subject}. ${right}`);
}

function pathOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
