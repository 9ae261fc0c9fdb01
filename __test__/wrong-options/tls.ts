// Wrong options of `tls`. What is wrong in the files is the subject of tls.test.ts.
import { resolve } from "node:path";
import type { TLSOptions } from "@connectum/core";
import { certificate, certificatePath } from "../support/certificates.ts";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const pair = { cert: certificate("server.crt"), key: certificate("server.key") };
const keyInBase64 = Buffer.from(pair.key).toString("base64");
const both = (one: string, other: string) => `both tls.${one} and tls.${other} are needed`;
const pem = (option: string, given: string) =>
  `TypeError: createServer: tls.${option} must be PEM text, bytes of it, or the path of a file, not ${given}`;

export const tls: OptionsObject<TLSOptions> = {
  name: "createServer",
  prefix: "tls.",
  use: (options) => start({ tls: options }),
  valid: pair,
  wrong: {
    cert: [
      [{ ...pair, cert: 1 }, pem("cert", "1")],
      [
        { ...pair, cert: undefined },
        `Error: createServer: tls.cert is undefined (an unset variable?): tls.key is given, so ${both("cert", "key")}`,
      ],
      [
        { cert: undefined, key: undefined },
        `Error: createServer: tls.cert is undefined (an unset variable?): tls.key is missing too; ${both("cert", "key")}`,
      ],
    ],
    key: [
      [{ ...pair, key: {} }, pem("key", "an object")],
      [
        { ...pair, key: keyInBase64 },
        "Error: createServer: tls.key is neither PEM text, which has -----BEGIN, nor the path of a file that can be read " +
          `(ENAMETOOLONG): a string of ${keyInBase64.length} characters`,
      ],
      [
        { ...pair, key: pair.key.replaceAll("\n", "") },
        "Error: tls.key: has no line of its own for -----END PRIVATE KEY-----: were newlines lost, in a variable?",
      ],
      [
        { ...pair, key: "" },
        `Error: createServer: tls.key is "" (an unset variable?): tls.cert is given, so ${both("key", "cert")}`,
      ],
    ],
    certPath: [
      [{ certPath: 1, keyPath: "server.key" }, "TypeError: createServer: tls.certPath must be a string, not 1"],
      [
        { certPath: undefined, keyPath: undefined },
        "Error: createServer: tls.certPath is undefined (an unset variable?): tls.keyPath is missing too; " +
          both("certPath", "keyPath"),
      ],
      [
        { certPath: "server.crt" },
        `Error: createServer: tls.keyPath is missing: tls.certPath is given, so ${both("keyPath", "certPath")}`,
      ],
    ],
    keyPath: [
      [
        { certPath: certificatePath("server.crt"), keyPath: pair.key },
        `Error: createServer: tls.certPath or tls.keyPath is not the path of a file that can be read (ENOENT): a string of ${pair.key.length} characters`,
      ],
      [{ keyPath: {}, certPath: "server.crt" }, "TypeError: createServer: tls.keyPath must be a string, not an object"],
    ],
    dirPath: [
      [{ dirPath: 1 }, "TypeError: createServer: tls.dirPath must be a string, not 1"],
      [{ dirPath: "/nowhere" }, `Error: ENOENT: no such file or directory, open '${resolve("/nowhere/server.key")}'`],
    ],
    ca: [
      [{ ...pair, ca: 1 }, pem("ca", "1")],
      [{ ...pair, ca: "" }, pem("ca", "an empty string")],
      [
        { ...pair, ca: undefined },
        "Error: createServer: tls.ca is undefined (an unset variable?). Leave tls.ca out, or set tls.clientAuth to " +
          '"none", if clients need no certificate',
      ],
      [
        { ...pair, ca: "ca.crt" },
        'Error: createServer: tls.ca is neither PEM text, which has -----BEGIN, nor the path of a file that can be read (ENOENT): "ca.crt"',
      ],
      [{ ...pair, ca: [] }, "RangeError: createServer: tls.ca must have at least one entry, or be left out"],
      [{ ...pair, ca: [certificate("ca.crt"), 1] }, pem("ca[1]", "1")],
    ],
    clientAuth: [
      [
        { ...pair, clientAuth: "maybe" },
        'RangeError: createServer: tls.clientAuth must be one of "none", "request", "require", not "maybe"',
      ],
      [
        { ...pair, clientAuth: true },
        'TypeError: createServer: tls.clientAuth must be one of "none", "request", "require", not true',
      ],
      [
        { ...pair, clientAuth: "require" },
        'Error: createServer: tls.ca is missing: tls.clientAuth is "require", which needs certificates to trust',
      ],
    ],
    watch: [
      [{ ...pair, watch: "yes" }, 'TypeError: createServer: tls.watch must be true or false, not "yes"'],
      [{ ...pair, watch: 200 }, "TypeError: createServer: tls.watch must be true or false, not 200"],
    ],
  },
  mistaken: {
    reload: "watch",
    autoReload: "watch",
    caPath: "ca",
    caCert: "ca",
    cacert: "ca",
    caFile: "ca",
    clientCA: "ca",
    requestCert: "clientAuth",
    rejectUnauthorized: "clientAuth",
    mutual: "clientAuth",
    certFile: "certPath",
    keyFile: "keyPath",
  },
};
