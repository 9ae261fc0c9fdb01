// Warnings of certificates that expire soon, or that some clients refuse.
import timers from "node:timers";
import type { NativeTlsWarnings } from "../boundary/native.ts";

const DAY_MS = 86_400_000;

/** So many days before a certificate expires the warnings begin. */
const DEFAULT_DAYS = 14;

/** Certificates that live for hours are renewed at two thirds of their life: by default no warning comes before. */
const LAST_PART = 1 / 3;

/** The warnings about one listener. */
export interface ListenerWarnings extends NativeTlsWarnings {
  /** Its position in the options. */
  readonly listener: number;
}

export class CertificateWarnings {
  readonly #days: (number | undefined)[];
  readonly #listeners: () => readonly ListenerWarnings[];
  readonly #warn: (text: string) => void;
  /** A timer of `node:timers`: where global timers are plain numbers, those cannot be unref'd. */
  #timer: NodeJS.Timeout | undefined;

  /** @param days for each listener the option `expiryWarning` */
  constructor(
    days: (number | undefined)[],
    listeners: () => readonly ListenerWarnings[],
    warn: (text: string) => void,
  ) {
    this.#days = days;
    this.#listeners = listeners;
    this.#warn = warn;
  }

  /** Warns now, and then of expiry once a day. Does not keep the process alive. */
  begin(): void {
    this.warnNow();
    this.#timer = timers.setInterval(() => {
      for (const one of this.#listeners()) this.#warnOfExpiry(one);
    }, DAY_MS);
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
    for (const one of this.#listeners()) {
      if (listener !== undefined && one.listener !== listener) continue;
      for (const text of one.texts) this.#warn(`TLS: ${text}`);
      this.#warnOfExpiry(one);
    }
  }

  #warnOfExpiry({ listener, expirations }: ListenerWarnings): void {
    const given = this.#days[listener];
    for (const { what, validFrom, validTo, isRevocationList } of expirations) {
      const left = (validTo - Date.now()) / DAY_MS;
      const days = given ?? Math.min(DEFAULT_DAYS, ((validTo - validFrom) / DAY_MS) * LAST_PART);
      if (left > (isRevocationList ? 0 : days)) continue;
      const when = left < 0 ? "has expired" : `expires in ${remaining(left)}`;
      const effect = isRevocationList ? ": clients of this issuer are refused" : "";
      this.#warn(`TLS: ${what}, ${when}, at ${new Date(validTo).toISOString()}${effect}`);
    }
  }
}

/** As in `9 days`, `7 hours` of the last day, or `20 minutes` of the last hour. */
function remaining(days: number): string {
  const units = [
    ["day", 1],
    ["hour", 24],
    ["minute", 24 * 60],
  ] as const;
  const [unit, perDay] = units.find(([, perDay]) => days * perDay >= 1) ?? units[2];
  const count = Math.floor(days * perDay);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
