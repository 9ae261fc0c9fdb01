// The TLS of a running server: its certificates, and their replacement by hand or when their files change.
import { assertInteger } from "@connectum/hooks";
import type { NativeServerCertificate } from "../boundary/native.ts";
import type { Logger } from "../options/logger.ts";
import { CertificateWarnings } from "./certificate-warnings.ts";
import type { ListenersOptions } from "./listener-options.ts";
import type { RustCore } from "./rust-core.ts";
import type { ServerCertificate } from "./server-certificate.ts";
import type { CreateServerOptions } from "./server-options.ts";
import { tlsOptions } from "./tls.ts";
import { assertTlsSource, calledTls, type TLSOptions, type TLSSource } from "./tls-options.ts";

/** What the event `tlsReload` tells. */
export interface TLSReload {
  /** The position of the listener in the option `listeners`; 0 if there is only one. */
  readonly listener: number;
  /** Those that it shows from now on. */
  readonly certificates: readonly ServerCertificate[];
}

/** What the event `tlsReloadError` tells. */
export interface TLSReloadError extends Error {
  /** As `start()` has it: `ERR_TLS_KEY_MISMATCH`, for example. */
  readonly code?: string;
  /** The position of the listener in the option `listeners`; 0 if there is only one. */
  readonly listener: number;
}

/** The server, as its TLS needs it. */
export interface TlsOwner {
  readonly options: CreateServerOptions;
  /** The core, while the server runs. */
  readonly core: () => RustCore | undefined;
  readonly logger: () => Logger;
  /** Emits `tlsReload`. Does not throw. */
  readonly reloaded: (reload: TLSReload) => void;
  /** Emits `tlsReloadError`. Does not throw. */
  readonly failed: (error: TLSReloadError) => void;
}

export class ServerTls {
  readonly #owner: TlsOwner;
  readonly #given: readonly number[];
  /** What each listener was given; of one in the clear undefined. */
  readonly #sources: (TLSSource | undefined)[];
  /** The options of each listener that are in use: a function was called. */
  readonly #inUse: (TLSOptions | undefined)[];
  readonly #prefix: (listener: number) => string;
  readonly #warnings: CertificateWarnings;
  /** Ends when nothing is reloaded any more: the later of two calls wins. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param given for each listener of Rust the position of the one that it comes from
   * @param called the options with those of TLS that functions have returned
   */
  constructor(owner: TlsOwner, given: readonly number[], called: ListenersOptions) {
    this.#owner = owner;
    this.#given = given;
    const { tls, listeners }: ListenersOptions = owner.options;
    this.#sources = listeners === undefined ? [tls || undefined] : listeners.map((one) => one.tls || undefined);
    const options = called.listeners === undefined ? [called] : called.listeners;
    this.#inUse = options.map(({ tls: one }) => (one || undefined) as TLSOptions | undefined);
    const days = this.#inUse.map((one) => one?.expiryWarning);
    this.#warnings = new CertificateWarnings(
      days,
      () => this.#ofListeners(this.#owner.core()?.tlsWarnings ?? []),
      (text) => owner.logger().warn(text),
    );
    this.#prefix = (listener) => (listeners === undefined ? "tls" : `listeners[${listener}].tls`);
  }

  /** The certificates that are in use. */
  get certificates(): readonly ServerCertificate[] {
    const own = this.#native.map(({ validFrom, validTo, ...facts }) => ({
      ...facts,
      validFrom: new Date(validFrom),
      validTo: new Date(validTo),
    }));
    return Object.freeze(own);
  }

  /** The same as Rust has them, with the positions of the listeners in the options. */
  get #native(): NativeServerCertificate[] {
    return this.#ofListeners(this.#owner.core()?.certificates ?? []);
  }

  /** What Rust tells of its listeners, told once of each listener of the options: its sockets have the same. */
  #ofListeners<T extends { readonly listener: number }>(native: readonly T[]): T[] {
    const given = (listener: number) => this.#given[listener] as number;
    const first = native.filter(({ listener }) => this.#given.indexOf(given(listener)) === listener);
    return first.map((one) => ({ ...one, listener: given(one.listener) }));
  }

  /** Warns of certificates that expire soon or have a chain in the wrong order, now and later. */
  warn(): void {
    this.#warnings.begin();
  }

  /** Ends the warnings: the server stops. */
  close(): void {
    this.#warnings.end();
  }

  /** See `Server.reloadTLS`. */
  async reload(next: TLSSource | undefined, listener: number | undefined): Promise<void> {
    const listeners = this.#chosen(next, listener);
    const previous = this.#last;
    const reloading = (async () => {
      await previous;
      return Promise.allSettled(listeners.map((one) => this.#reload(one, next)));
    })();
    this.#last = reloading;
    for (const result of await reloading) if (result.status === "rejected") throw result.reason;
  }

  /** Takes that Rust has read changed files of one of its listeners. */
  reloaded(native: number, failure: string | undefined): void {
    const listener = this.#given[native] ?? native;
    if (failure === undefined) {
      this.#tell(listener);
      return;
    }
    const end = failure.indexOf("\n");
    this.#tellError(listener, Object.assign(new Error(failure.slice(end + 1)), { code: failure.slice(0, end) }));
  }

  async #reload(listener: number, next: TLSSource | undefined): Promise<void> {
    try {
      const { handshakeTimeout, http2Options } = this.#owner.options;
      const source = next ?? (this.#sources[listener] as TLSSource);
      const name = this.#prefix(listener);
      const called = await calledTls(name, source);
      assertClientsStay(name, this.#inUse[listener], called);
      const warn = (text: string) => this.#owner.logger().warn(text);
      const options = tlsOptions(name, called, { handshakeTimeout, http2Options, warn });
      const core = this.#owner.core();
      if (core === undefined) throw new Error("Cannot reload TLS: the server has stopped meanwhile");
      for (const [native, given] of this.#given.entries()) {
        if (given === listener && options !== null) core.reloadTls(native, options);
      }
      this.#sources[listener] = source;
      this.#inUse[listener] = called;
      this.#warnings.setDays(listener, called.expiryWarning);
    } catch (error) {
      // After the event `stop` nobody is told of anything any more.
      if (this.#owner.core() !== undefined) this.#tellError(listener, error);
      throw error;
    }
    this.#tell(listener);
  }

  /** @throws TypeError or RangeError */
  #chosen(next: TLSSource | undefined, listener: number | undefined): number[] {
    const secure = [...this.#sources.keys()].filter((one) => this.#sources[one] !== undefined);
    if (secure.length === 0) throw new TypeError("server.reloadTLS: no listener has TLS");
    if (listener !== undefined) {
      assertInteger("server.reloadTLS", "listener", listener, 0, this.#sources.length - 1);
      if (!secure.includes(listener)) throw new TypeError(`server.reloadTLS: listener ${listener} has no TLS`);
    } else if (next !== undefined && secure.length > 1) {
      const right = `one of ${secure.join(", ")}`;
      throw new TypeError(
        `server.reloadTLS: ${secure.length} listeners have TLS: say which is to have these, ${right}`,
      );
    }
    const chosen = listener === undefined ? secure : [listener];
    if (next !== undefined) {
      if (!next) throw new TypeError(`server.reloadTLS: tls must be options of TLS or a function, not ${next}`);
      for (const one of chosen) assertTlsSource(this.#prefix(one), next);
    }
    return chosen;
  }

  #tell(listener: number): void {
    const certificates = this.certificates.filter((certificate) => certificate.listener === listener);
    const shown = certificates.map(
      ({ subject, names, serialNumber, validTo }) =>
        `${subject || names.join(", ")}, serial number ${serialNumber}, valid to ${validTo.toISOString()}`,
    );
    this.#owner.logger().info(`TLS reloaded: ${shown.join("; ")}`);
    this.#warnings.warnNow(listener);
    this.#owner.reloaded({ listener, certificates });
  }

  #tellError(listener: number, thrown: unknown): void {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    this.#owner.logger().error(`TLS reload failed, what was in use stays in use: ${message}`);
    // An error of its own: the same one may be about several listeners, or be frozen.
    const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
    const error = Object.assign(new Error(message, { cause: thrown }), { listener });
    this.#owner.failed(code === undefined ? error : Object.assign(error, { code }));
  }
}

/**
 * All options are replaced, and whoever means the certificate alone must not let everybody in.
 *
 * @throws TypeError if clients were verified, and these options do not say what is to become of that
 */
function assertClientsStay(name: string, before: TLSOptions | undefined, next: TLSOptions): void {
  const { ca, crl, clientAuth = ca === undefined ? "none" : "require" } = before ?? {};
  if (clientAuth === "none" || next.clientAuth === "none") return;
  if (next.ca === undefined && next.clientAuth === undefined) {
    const right = `Give ${name}.ca again, or ${name}.clientAuth: "none"`;
    throw new TypeError(
      `server.reloadTLS: ${name} has no ca, so certificates of clients would not be verified any more. ${right}`,
    );
  }
  if (crl !== undefined && next.crl === undefined) {
    const right = `Give ${name}.crl again, or ${name}.crl: []`;
    throw new TypeError(`server.reloadTLS: ${name} has no crl, so revoked certificates would be accepted. ${right}`);
  }
}
