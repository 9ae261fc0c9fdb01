// Warnings of certificates that expire soon, or that some clients refuse.
import timers from "node:timers";
import type { NativeServerCertificate } from "../boundary/native.ts";

const DAY_MS = 86_400_000;

/** So many days before a certificate expires the warnings begin. */
const DEFAULT_DAYS = 14;

export class CertificateWarnings {
  readonly #days: (number | undefined)[];
  readonly #certificates: () => readonly NativeServerCertificate[];
  readonly #warn: (text: string) => void;
  /** A timer of `node:timers`: where global timers are plain numbers, those cannot be unref'd. */
  #timer: NodeJS.Timeout | undefined;

  /** @param days for each listener the option `expiryWarning` */
  constructor(
    days: (number | undefined)[],
    certificates: () => readonly NativeServerCertificate[],
    warn: (text: string) => void,
  ) {
    this.#days = days;
    this.#certificates = certificates;
    this.#warn = warn;
  }

  /** Warns now, and then of expiry once a day. Does not keep the process alive. */
  begin(): void {
    this.warnNow();
    this.#timer = timers.setInterval(() => this.#warnOfExpiry(this.#certificates()), DAY_MS);
    this.#timer.unref();
  }

  end(): void {
    timers.clearInterval(this.#timer);
  }

  setDays(listener: number, days: number | undefined): void {
    this.#days[listener] = days;
  }

  /** @param listener the only one to warn of. Default: all */
  warnNow(listener?: number): void {
    const certificates = this.#certificates().filter((one) => listener === undefined || one.listener === listener);
    for (const { warning } of certificates) if (warning !== null) this.#warn(`TLS: ${warning}`);
    this.#warnOfExpiry(certificates);
  }

  #warnOfExpiry(certificates: readonly NativeServerCertificate[]): void {
    for (const { listener, subject, serialNumber, validTo } of certificates) {
      const left = (validTo - Date.now()) / DAY_MS;
      if (left > (this.#days[listener] ?? DEFAULT_DAYS) || this.#days[listener] === 0) continue;
      const when = left < 0 ? "has expired" : `expires in ${Math.floor(left)} days`;
      const until = new Date(validTo).toISOString();
      this.#warn(`TLS: the certificate ${subject}, serial number ${serialNumber}, ${when}, at ${until}`);
    }
  }
}
