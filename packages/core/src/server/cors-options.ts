// The option `cors` of createServer(): its type, its checks and its defaults. Rust does what it says.
import {
  assertArray,
  assertBoolean,
  assertInteger,
  assertKnownKeys,
  isPlainObject,
  type Keys,
  shown,
} from "@connectum/hooks";
import type { NativeCorsOptions } from "../boundary/native.ts";

/**
 * Which pages of other origins may call the server from a browser, as the "CORS protocol" of the Fetch standard has it.
 *
 * Rust answers preflights, and adds the headers to every response to the path of a method. Plain HTTP and the endpoints
 * of health speak for themselves, unless `all` is true. CORS is no authorization: the call of a page that is not
 * allowed is served, and the browser withholds the response from the page.
 */
export interface CorsOptions {
  /**
   * The origins of pages that are allowed, as browsers send them: `https://app.example`, `http://localhost:5173`. In
   * lower case, without a default port, a path or a wildcard: they are compared byte by byte. Default `"*"`: any.
   */
  origins?: "*" | readonly string[] | undefined;
  /**
   * Whether pages may send cookies and client certificates along (`credentials: "include"` of `fetch`). Needs a list of
   * `origins`. Default false.
   */
  credentials?: boolean | undefined;
  /**
   * How long a browser may remember the response to a preflight, in seconds; 0 asks it not to. Default 7,200, which is
   * the most that Chromium obeys.
   */
  maxAge?: number | undefined;
  /**
   * Names of header fields that pages may send, in addition to those of Connect and gRPC-Web: `authorization`, for
   * example. `"*"` is any name but `authorization`, where there are no `credentials`. Default: none.
   */
  allowHeaders?: readonly string[] | undefined;
  /**
   * Names of header fields that pages may read, in addition to those of Connect and gRPC-Web. Those of handlers belong
   * here, and over Connect their trailers of unary calls, which are header fields with the prefix `trailer-`. `"*"` is
   * any name, where there are no `credentials`. Default: none.
   */
  exposeHeaders?: readonly string[] | undefined;
  /**
   * Whether all of this also holds for plain HTTP and for the endpoints of health: Rust answers their preflights, and
   * adds the headers unless a handler has set `access-control-allow-origin`. Default false.
   */
  all?: boolean | undefined;
}

const KEYS = {
  origins: true,
  credentials: true,
  maxAge: true,
  allowHeaders: true,
  exposeHeaders: true,
  all: true,
} as const satisfies Keys<CorsOptions>;

/** What other libraries call the same. */
const OTHER_NAMES = {
  origin: "origins",
  allowedOrigins: "origins",
  allowedHeaders: "allowHeaders",
  exposedHeaders: "exposeHeaders",
  maxAgeSeconds: "maxAge",
  allowCredentials: "credentials",
};

const WHERE = "createServer";
const DEFAULT_MAX_AGE = 7_200;

/**
 * Checks the option, and fills in what is absent. Null is a server without CORS.
 *
 * @throws TypeError or RangeError naming what is wrong
 */
export function resolveCors(cors: boolean | CorsOptions | undefined): NativeCorsOptions | null {
  if (cors === undefined || cors === false) return null;
  const options = cors === true ? {} : cors;
  if (!isPlainObject(options)) {
    throw new TypeError(`${WHERE}: cors must be an object or a boolean, not ${shown(options)}`);
  }
  assertKnownKeys(options, KEYS, { where: WHERE, option: "cors", otherNames: OTHER_NAMES });
  const { credentials = false, maxAge = DEFAULT_MAX_AGE, all = false } = options;
  assertBoolean(WHERE, "cors.credentials", credentials);
  assertInteger(WHERE, "cors.maxAge", maxAge, 0, 0x7fff_ffff);
  assertBoolean(WHERE, "cors.all", all);
  const origins = listedOrigins(options.origins);
  if (credentials && origins === null) {
    throw new TypeError(
      `${WHERE}: cors.credentials needs a list of cors.origins: browsers send no credentials where any origin is allowed`,
    );
  }
  const allowHeaders = headerNames("cors.allowHeaders", options.allowHeaders, credentials);
  const exposeHeaders = headerNames("cors.exposeHeaders", options.exposeHeaders, credentials);
  return { origins, credentials, maxAge, allowHeaders, exposeHeaders, all };
}

/** The origins that are allowed, each once; null for any. */
function listedOrigins(origins: unknown): string[] | null {
  if (origins === undefined || origins === "*") return null;
  if (!Array.isArray(origins)) {
    const reason = needsJavaScript(origins) ? `: ${NO_JAVASCRIPT}` : "";
    throw new TypeError(`${WHERE}: cors.origins must be "*" or an array of origins, not ${shown(origins)}${reason}`);
  }
  if (origins.length === 1 && origins[0] === "*") return null;
  for (const [index, origin] of origins.entries()) {
    const problem = problemOf(origin);
    if (problem === undefined) continue;
    throw new TypeError(
      `${WHERE}: cors.origins[${index}] must be an origin, such as "https://app.example", not ${shown(origin)}: ${problem}`,
    );
  }
  return [...new Set(origins)];
}

const NO_JAVASCRIPT = "Rust compares texts, and cannot ask JavaScript";

function needsJavaScript(value: unknown): boolean {
  return typeof value === "function" || value instanceof RegExp;
}

/** What keeps a value from being an origin as browsers send it (WHATWG URL, "serialization of an origin"). */
function problemOf(origin: unknown): string | undefined {
  if (needsJavaScript(origin)) return NO_JAVASCRIPT;
  if (typeof origin !== "string") return "it is no text";
  if (origin === "*") return 'it is any origin, and has to be the only one: origins: "*"';
  if (origin === "null") return "it is the origin of any sandboxed page";
  if (origin.includes("*")) return "there are no wildcards. List each origin";
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(origin) ?? [];
  if (scheme === undefined) return "it has no scheme, such as https://";
  if (!URL.canParse(origin)) return "it is no URL";
  const { host, hostname, username } = new URL(origin);
  if (hostname === "") return "it has no host";
  if (username !== "" || rest.includes("@")) return "it has a user";
  const right = `${scheme.toLowerCase()}://${host}`;
  if (right === origin) return undefined;
  return `${/[/?#]/.test(rest) ? "an origin ends with its host or port" : "browsers write it otherwise"}. Did you mean "${right}"?`;
}

/** Names in lower case, each once. */
function headerNames(option: string, names: unknown, credentials: boolean): string[] {
  assertArray(WHERE, option, names);
  const list: unknown[] = Array.isArray(names) ? names : [];
  const lower = [...list.entries()].map(([index, name]) => {
    // RFC 9110 section 5.1: the name of a field is a token.
    if (typeof name !== "string" || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new TypeError(`${WHERE}: ${option}[${index}] must be the name of a header field, not ${shown(name)}`);
    }
    if (name === "*" && credentials) {
      throw new TypeError(`${WHERE}: ${option}[${index}] must be a name: "*" means nothing beside cors.credentials`);
    }
    return name.toLowerCase();
  });
  return [...new Set(lower)];
}
