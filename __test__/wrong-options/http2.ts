// Wrong options of `http2Options`, and of its `settings`: those that have an effect.
import type { Http2Options } from "@connectum/core";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;
const integer = (option: string, least: number, most: number, given: string, name = "RangeError") =>
  `${name}: createServer: http2Options.${option} must be an integer from ${least} to ${most}, not ${given}`;
const boolean = (option: string, given: string) =>
  `TypeError: createServer: http2Options.${option} must be true or false, not ${given}`;
const pem = (given: string, option = "ca") =>
  `TypeError: createServer: http2Options.${option} must be PEM text, bytes of it, or the path of a file, not ${given}`;

/** They are read with `tls` only. */
const startWithTls = async (http2Options: unknown) => {
  const { certificate } = await import("../support/certificates.ts");
  await start({ tls: { cert: certificate("server.crt"), key: certificate("server.key") }, http2Options });
};

type Effective = Pick<
  Http2Options,
  | "handshakeTimeout"
  | "ca"
  | "crl"
  | "ciphers"
  | "passphrase"
  | "sessionTimeout"
  | "requestCert"
  | "rejectUnauthorized"
  | "minVersion"
  | "maxVersion"
  | "settings"
  | "unknownProtocolTimeout"
>;

export const http2Options: OptionsObject<Effective> = {
  name: "createServer",
  prefix: "http2Options.",
  use: startWithTls,
  hasMoreKeys: true,
  wrong: {
    handshakeTimeout: [
      [{ handshakeTimeout: "1s" }, integer("handshakeTimeout", 1, MAX_TIMER_MS, '"1s"', "TypeError")],
      [{ handshakeTimeout: 0 }, integer("handshakeTimeout", 1, MAX_TIMER_MS, "0")],
    ],
    ca: [[{ requestCert: true, ca: 1 }, pem("1")]],
    crl: [[{ requestCert: true, crl: 1 }, pem("1", "crl")]],
    ciphers: [
      [{ ciphers: 1 }, "TypeError: createServer: http2Options.ciphers must be a string, not 1"],
      [
        { ciphers: "RC4", minVersion: "TLSv1.3" },
        "RangeError: createServer: http2Options.ciphers must have one of TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, " +
          'TLS_CHACHA20_POLY1305_SHA256, not only "RC4"',
      ],
    ],
    passphrase: [
      [{ passphrase: 1 }, "TypeError: createServer: http2Options.passphrase must be a string, not a number"],
    ],
    sessionTimeout: [
      [{ sessionTimeout: 86_400 }, integer("sessionTimeout", 1, 43_200, "86400")],
      [{ sessionTimeout: "1h" }, integer("sessionTimeout", 1, 43_200, '"1h"', "TypeError")],
    ],
    requestCert: [[{ requestCert: 1 }, boolean("requestCert", "1")]],
    rejectUnauthorized: [[{ rejectUnauthorized: "true" }, boolean("rejectUnauthorized", '"true"')]],
    minVersion: [
      [
        { minVersion: "SSLv3" },
        'RangeError: createServer: http2Options.minVersion must be one of "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", not "SSLv3"',
      ],
      [
        { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" },
        "RangeError: createServer: http2Options.minVersion must not be above http2Options.maxVersion",
      ],
    ],
    maxVersion: [
      [
        { maxVersion: 1.3 },
        'TypeError: createServer: http2Options.maxVersion must be one of "TLSv1.2", "TLSv1.3", not 1.3',
      ],
    ],
    settings: [[{ settings: [] }, "TypeError: createServer: http2Options.settings must be an object, not an array"]],
    unknownProtocolTimeout: [[{ unknownProtocolTimeout: 0 }, integer("unknownProtocolTimeout", 1, MAX_TIMER_MS, "0")]],
  },
};

type Settings = Pick<
  NonNullable<Http2Options["settings"]>,
  "maxConcurrentStreams" | "initialWindowSize" | "maxFrameSize" | "maxHeaderListSize" | "headerTableSize"
>;

export const http2Settings: OptionsObject<Settings> = {
  name: "createServer",
  prefix: "http2Options.settings.",
  use: (settings) => start({ http2Options: { settings } }),
  hasMoreKeys: true,
  wrong: {
    maxConcurrentStreams: [
      [{ maxConcurrentStreams: 0 }, integer("settings.maxConcurrentStreams", 1, 0x7fff_ffff, "0")],
    ],
    initialWindowSize: [
      [{ initialWindowSize: "64k" }, integer("settings.initialWindowSize", 1, 0x7fff_ffff, '"64k"', "TypeError")],
    ],
    maxFrameSize: [[{ maxFrameSize: 100 }, integer("settings.maxFrameSize", 0x4000, 0xff_ffff, "100")]],
    maxHeaderListSize: [[{ maxHeaderListSize: 1 }, integer("settings.maxHeaderListSize", 1024, 0x100_0000, "1")]],
    headerTableSize: [[{ headerTableSize: -1 }, integer("settings.headerTableSize", 0, 0x100_0000, "-1")]],
  },
};
