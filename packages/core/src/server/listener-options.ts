// Where a server listens, and what it speaks there: the types of these options, their checks, and their defaults.
import { Buffer } from "node:buffer";
import process from "node:process";
import {
  assertArray,
  assertBoolean,
  assertInteger,
  assertKnownKeys,
  assertString,
  type Keys,
  shown,
} from "@connectum/hooks";
import type { NativeListener } from "../boundary/native.ts";
import { hostFromEnv, portFromEnv } from "../options/env.ts";
import { descriptorsFromSystemd } from "../options/systemd.ts";
import { type EffectiveTransport, effectiveTransport } from "./effective-transport.ts";
import { assertProxyProtocol, nativeProxyProtocol } from "./proxy-options.ts";
import { type BesideTls, tlsOptions } from "./tls.ts";
import { assertTlsSource, calledTls, type TLSOptions, type TLSSource } from "./tls-options.ts";

/**
 * One listener: a port (`port`, `host`), a Unix socket (`path`), or sockets that were passed to the process (`fd`, or
 * the host `systemd`). One of these kinds, not several.
 */
export interface ListenerOptions {
  /**
   * The port; 0 lets the operating system choose. Default: the variable `PORT`, else 5000. In `listeners` there is no
   * default, and no variable is read.
   */
  port?: number | undefined;
  /**
   * A host name or IP address of this machine; `::` is every IPv4 and IPv6 address. Default: the variable `LISTEN`,
   * else `0.0.0.0`. In `listeners` no variable is read.
   *
   * `unix:/run/app.sock` is the same as that `path`. `systemd` is every socket that a socket unit has passed, as `fd`
   * is one (sd_listen_fds(3)), for which `LISTEN_PID` has to be the id of this process. The variables are removed from
   * the environment when the server listens: another server of the process finds no sockets, and rejects `start()`.
   *
   * Both may stand in `LISTEN` too; then `port` and `reusePort` have no effect. Not on Windows.
   */
  host?: string | undefined;
  /**
   * The path of a Unix socket, at most 107 bytes on Linux and 103 on other systems. The file is made with the rights
   * that the process's umask leaves, replaced if its server is gone, and removed when the server begins to drain. A
   * file that is no socket is never replaced. Not on Windows. Default: none.
   */
  path?: string | undefined;
  /**
   * The descriptor of a socket, TCP or Unix, that listens already, as one that the parent process has passed. The
   * server takes it: it is set to non-blocking and close-on-exec, and closed when the server stops, or when another
   * listener cannot listen. Nothing else in the process may use it. The file of a Unix socket is left to whoever has
   * made it. Not on Windows. Default: none.
   */
  fd?: number | undefined;
  /** Whether HTTP/1.1 is served. Default true. */
  allowHTTP1?: boolean | undefined;
  /** Whether HTTP/2 without TLS (prior knowledge) is served. Default true. */
  allowH2C?: boolean | undefined;
  /** Whether other processes may listen on the same port (`SO_REUSEPORT`); each must ask for it. Default false. */
  reusePort?: boolean | undefined;
  /**
   * Certificate and key, or a function that returns them; with them there is no cleartext. `{}` reads them from the
   * directory of `getTLSPath()`. Default: none.
   */
  tls?: TLSSource | undefined;
  /**
   * Whether connections begin with a PROXY header, version 1 or 2, in which a proxy tells the address of its client:
   * before TLS, and within `detectionTimeout`. That address is then the client's in every way: `peer.address`,
   * `maxConnectionsPerAddress`, `socket.remoteAddress`.
   *
   * - `true`: all do. One without it is refused.
   * - A list: those of these clients do, and no others. Each entry is an IP address, a network (`10.0.0.0/8`), or
   *   `unix` for all clients of Unix sockets. From anybody else the header is a bad request.
   *
   * A header that tells no address, as that of a proxy's own probes, leaves that of the socket. Default false.
   */
  proxyProtocol?: boolean | readonly string[] | undefined;
}

/** The options that are about listeners. */
export interface ListenersOptions extends ListenerOptions {
  /**
   * Several listeners, each with options of its own. They replace the same options beside them; everything else is for
   * all of them. Each needs `port`, `path`, `fd`, or a `host` that is `unix:…` or `systemd`. If one of them cannot
   * listen, `start()` rejects, and none does. Default: one, as the options beside it say.
   */
  listeners?: readonly ListenerOptions[] | undefined;
}

export const LISTENER_OPTION_KEYS = {
  port: true,
  host: true,
  path: true,
  fd: true,
  allowHTTP1: true,
  allowH2C: true,
  reusePort: true,
  tls: true,
  proxyProtocol: true,
} as const satisfies Keys<ListenerOptions>;

/** What Node's servers, and those who guess, call otherwise. */
export const OTHER_LISTENER_NAMES = {
  hostname: "host",
  address: "host",
  socketPath: "path",
  socket: "path",
  unix: "path",
  ssl: "tls",
};

/** One listener for Rust. */
export interface OpenListener {
  /** The position, in the options, of the listener that it comes from. */
  readonly given: number;
  readonly native: NativeListener;
}

/** One listener as it was given, checked. */
export interface GivenListener {
  /** What stands before the names of its options in errors: empty, or `listeners[0].`. */
  readonly prefix: string;
  readonly options: ListenerOptions;
}

/** The longest path of a Unix socket in bytes, without the NUL behind it: `sun_path` of unix(7). */
const MAX_PATH_BYTES = process.platform === "linux" || process.platform === "android" ? 107 : 103;

/** The host that means all sockets that systemd has passed. */
const SYSTEMD = "systemd";

/**
 * Checks the options, and lists the listeners. Reads no variable, and no file.
 *
 * @throws TypeError or RangeError naming an option with an invalid value, or options that exclude each other; Error for
 * what Windows does not have
 */
export function givenListeners(options: ListenersOptions): readonly GivenListener[] {
  const { listeners } = options;
  if (listeners === undefined) {
    checkListener("", options);
    return [{ prefix: "", options }];
  }
  assertArray("createServer", "listeners", listeners);
  if (listeners.length === 0) {
    throw new RangeError("createServer: listeners must have at least one entry, or be left out");
  }
  const beside = givenOf(options, Object.keys(LISTENER_OPTION_KEYS));
  if (beside.length > 0) {
    throw new TypeError(`createServer: listeners replaces ${beside.join(", ")}, which must be in its entries instead`);
  }
  // Unlike map, entries() sees the holes of an array too.
  return [...listeners.entries()].map(([index, listener]) => {
    const option = `listeners[${index}]`;
    if (listener === undefined) throw new TypeError(`createServer: ${option} must be an object, not undefined`);
    assertKnownKeys(listener, LISTENER_OPTION_KEYS, {
      where: "createServer",
      option,
      otherNames: OTHER_LISTENER_NAMES,
    });
    checkListener(`${option}.`, listener);
    if (listener.port === undefined && endpointsOf(listener).length === 0) {
      throw new TypeError(`createServer: ${option} needs port, path or fd, or the host "unix:…" or "systemd"`);
    }
    return { prefix: `${option}.`, options: listener };
  });
}

/**
 * What the listeners speak, each once.
 *
 * @throws TypeError for a listener that serves nothing
 */
export function transportsOf(listeners: readonly GivenListener[]): EffectiveTransport[] {
  const transports = listeners.map(({ prefix, options: { tls, allowHTTP1, allowH2C } }) =>
    effectiveTransport(prefix, { hasTls: Boolean(tls), allowHTTP1, allowH2C }),
  );
  return [...new Set(transports)];
}

/** Whether a listener takes the sockets that systemd has passed. */
export function usesSystemd(listeners: readonly GivenListener[]): boolean {
  return listeners.some(({ prefix, options }) => hostOf(prefix, options) === SYSTEMD);
}

/**
 * The listeners for Rust: the defaults filled in, the variables and the certificates read.
 *
 * @throws EnvVarError for an invalid variable; RangeError for an invalid path in `LISTEN`; whatever `tlsOptions` throws
 */
export function nativeListeners(listeners: readonly GivenListener[], beside: BesideTls): OpenListener[] {
  return listeners.flatMap(({ prefix, options }, given) => {
    const { allowHTTP1 = true, allowH2C = true, reusePort = false } = options;
    const places = placesOf(prefix, options);
    const proxyProtocol = nativeProxyProtocol(options.proxyProtocol);
    const tls = tlsOptions(`${prefix}tls`, options.tls, beside);
    const common = { ...NOWHERE, reusePort, allowHTTP1, allowH2C, tls, proxyProtocol };
    return places.map((place) => ({ given, native: { ...common, ...place } }));
  });
}

/**
 * The options with those of TLS that functions return instead of the functions.
 *
 * @throws whatever `calledTls` throws
 */
export async function withCalledTls<Options extends ListenersOptions>(options: Options): Promise<Options> {
  const { tls, listeners } = options;
  return {
    ...options,
    ...(isFunction(tls) && { tls: await calledTls("tls", tls) }),
    ...(Array.isArray(listeners) && { listeners: await Promise.all(listeners.map(withOwnTls)) }),
  };
}

/** Whether a function returns options of TLS. */
export function hasTlsFunction({ tls, listeners }: ListenersOptions): boolean {
  if (isFunction(tls)) return true;
  return (
    Array.isArray(listeners) && listeners.some((listener: unknown) => isFunction((listener as ListenerOptions)?.tls))
  );
}

async function withOwnTls(listener: ListenerOptions, index: number): Promise<ListenerOptions> {
  if (!isFunction(listener?.tls)) return listener;
  return { ...listener, tls: await calledTls(`listeners[${index}].tls`, listener.tls) };
}

function isFunction(tls: TLSSource | undefined): tls is () => TLSOptions | Promise<TLSOptions> {
  return typeof tls === "function";
}

/** Where a listener listens, for Rust. */
type Place = Pick<NativeListener, "name" | "path" | "fd" | "host" | "port">;

const NOWHERE: Place = { name: "", path: null, fd: null, host: "", port: 0 };

function placesOf(prefix: string, options: ListenerOptions): Partial<Place>[] {
  const { path, fd, port } = options;
  if (path !== undefined) return [{ path }];
  if (fd !== undefined) return [{ name: `${prefix}fd`, fd }];
  const host = hostOf(prefix, options);
  if (host === SYSTEMD) {
    if (options.host === undefined) assertSupported("the variable LISTEN");
    return descriptorsFromSystemd().map((passed) => ({ name: "each descriptor from systemd", fd: passed }));
  }
  const inHost = pathIn(host);
  if (inHost === undefined) return [{ host, port: port ?? portFromEnv() ?? 5000 }];
  // That of the options was checked before.
  if (options.host === undefined) {
    assertSupported("the variable LISTEN");
    assertPath("the path in the variable LISTEN", inHost);
  }
  return [{ path: inHost }];
}

function hostOf(prefix: string, { host, path, fd }: ListenerOptions): string {
  const isElsewhere = path !== undefined || fd !== undefined || prefix !== "";
  return host ?? (isElsewhere ? undefined : hostFromEnv()) ?? "0.0.0.0";
}

/** The path in `unix:/run/app.sock`, or in `unix:///run/app.sock` as gRPC writes it; undefined for another host. */
function pathIn(host: string): string | undefined {
  if (!host.startsWith("unix:")) return undefined;
  const path = host.slice("unix:".length);
  return path.startsWith("///") ? path.slice(2) : path;
}

/** The options that are enough to say where to listen, without a port. */
function endpointsOf({ host, path, fd }: ListenerOptions): string[] {
  const isHost = host === SYSTEMD || (typeof host === "string" && pathIn(host) !== undefined);
  return [...(path === undefined ? [] : ["path"]), ...(fd === undefined ? [] : ["fd"]), ...(isHost ? ["host"] : [])];
}

function checkListener(prefix: string, options: ListenerOptions): void {
  const { port, host, path, fd, reusePort, tls } = options;
  for (const name of ["allowHTTP1", "allowH2C", "reusePort"] as const) {
    assertBoolean("createServer", `${prefix}${name}`, options[name]);
  }
  if (port !== undefined) assertInteger("createServer", `${prefix}port`, port, 0, 65_535);
  if (fd !== undefined) assertInteger("createServer", `${prefix}fd`, fd, 0, 0x7fff_ffff);
  assertString("createServer", `${prefix}host`, host);
  if (host === "") {
    const right = 'a name or address of this machine, "0.0.0.0" for all';
    throw new RangeError(`createServer: ${prefix}host must be ${right}, not ""`);
  }
  assertString("createServer", `${prefix}path`, path);
  if (path !== undefined) assertPath(`${prefix}path`, path);
  const inHost = host === undefined ? undefined : pathIn(host);
  if (inHost !== undefined) assertPath(`the path in ${prefix}host`, inHost);
  const [elsewhere] = endpointsOf(options);
  if (elsewhere !== undefined) {
    assertSupported(`${prefix}${elsewhere}`);
    const given = givenOf(options, ["path", "fd", "host", "port"]).map((name) => `${prefix}${name}`);
    if (given.length > 1) {
      throw new TypeError(`createServer: ${given.join(" and ")} exclude each other: a listener listens in one place`);
    }
    if (reusePort === true) {
      throw new TypeError(`createServer: ${prefix}reusePort is for ports, and there is none beside ${given[0]}`);
    }
  }
  assertTlsSource(`${prefix}tls`, tls);
  assertProxyProtocol(`${prefix}proxyProtocol`, options.proxyProtocol);
}

/** @throws Error on Windows */
function assertSupported(name: string): void {
  if (process.platform !== "win32") return;
  throw new Error(`createServer: ${name}: Unix sockets and inherited descriptors are not supported on Windows`);
}

function assertPath(name: string, path: string): void {
  if (path === "") throw new RangeError(`createServer: ${name} must be the path of a Unix socket, not ""`);
  if (path.includes("\0")) {
    const what = path.startsWith("\0") ? "abstract Unix sockets are not supported" : "no file has such a name";
    throw new RangeError(`createServer: ${name} must not contain NUL: ${what}`);
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    const limit = `at most ${MAX_PATH_BYTES} bytes, the limit of this system for Unix sockets`;
    throw new RangeError(`createServer: ${name} must have ${limit}, not ${bytes}: ${shown(path)}`);
  }
}

/** Those among the names whose options are given. */
function givenOf(options: ListenerOptions, names: readonly string[]): string[] {
  return names.filter((name) => Reflect.get(options, name) !== undefined);
}
