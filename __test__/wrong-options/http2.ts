// Wrong options of `http2Options`, and of its `settings`: those that have an effect.
import type { Http2Options } from "@connectum/core";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;
const integer = (option: string, least: number, most: number, given: string, name = "RangeError") =>
  `${name}: createServer: http2Options.${option} must be an integer from ${least} to ${most}, not ${given}`;
const boolean = (option: string, given: string) =>
  `TypeError: createServer: http2Options.${option} must be true or false, not ${given}`;
const pem = (given: string) =>
  `TypeError: createServer: http2Options.ca must be PEM text, bytes of it, or the path of a file, not ${given}`;

/** They are read with `tls` only. */
const startWithTls = async (http2Options: unknown) => {
  const { certificate } = await import("../support/certificates.ts");
  await start({ tls: { cert: certificate("server.crt"), key: certificate("server.key") }, http2Options });
};

type Effective = Pick<
  Http2Options,
  | "handshakeTimeout"
  | "ca"
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
