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
        { ...pair, clientAuth: null },
        'TypeError: createServer: tls.clientAuth must be one of "none", "request", "require", not null',
      ],
      [
        { ...pair, clientAuth: "require" },
        'Error: createServer: tls.ca is missing: tls.clientAuth is "require", which needs certificates to trust',
      ],
    ],
    passphrase: [
      [{ ...pair, passphrase: 1 }, "TypeError: createServer: tls.passphrase must be a string, not a number"],
    ],
    certificates: [
      [{ certificates: pair }, "TypeError: createServer: tls.certificates must be an array, not an object"],
      [{ certificates: [] }, "RangeError: createServer: tls.certificates must have at least one entry, or be left out"],
      [{ certificates: [pair, "b"] }, 'TypeError: createServer: tls.certificates[1] must be an object, not "b"'],
      [{ certificates: [undefined] }, "TypeError: createServer: tls.certificates[0] must be an object, not undefined"],
      [{ certificates: [{ cert: pair.cert }] }, "TypeError: createServer: tls.certificates[0].key is missing"],
      [
        { certificates: [{ ...pair, name: "a" }] },
        'TypeError: createServer: there is no option "tls.certificates[0].name". Did you mean "tls.certificates[0].names"?',
      ],
      [
        { certificates: [{ ...pair, names: "localhost" }] },
        'TypeError: createServer: tls.certificates[0].names must be an array, not "localhost"',
      ],
      [
        { certificates: [{ ...pair, names: ["https://localhost"] }] },
        "RangeError: createServer: tls.certificates[0].names must be names of hosts, perhaps with *. in front, not " +
          '"https://localhost"',
      ],
      [
        { certificates: [{ ...pair, names: ["127.0.0.1", "10.0.0.1"] }] },
        "RangeError: createServer: tls.certificates[0].names has only addresses: clients ask for the name of a host, " +
          "never for an address (RFC 6066)",
      ],
      [
        { certificates: [{ ...pair, passphrase: 1 }] },
        "TypeError: createServer: tls.certificates[0].passphrase must be a string, not a number",
      ],
      [{ certificates: [{ ...pair, key: 1 }] }, pem("certificates[0].key", "1")],
    ],
    crl: [
      [{ ...pair, ca: certificate("ca.crt"), crl: 1 }, pem("crl", "1")],
      [
        { ...pair, crl: certificate("none.crl") },
        "Error: createServer: tls.crl is about certificates of clients: tls.ca is missing",
      ],
    ],
    minVersion: [
      [
        { ...pair, minVersion: "TLSv1" },
        'RangeError: createServer: tls.minVersion must be one of "TLSv1.2", "TLSv1.3", not "TLSv1"',
      ],
      [
        { ...pair, minVersion: "TLSv1.3", maxVersion: "TLSv1.2" },
        "RangeError: createServer: tls.minVersion must not be above tls.maxVersion",
      ],
    ],
    maxVersion: [
      [
        { ...pair, maxVersion: 1.3 },
        'TypeError: createServer: tls.maxVersion must be one of "TLSv1.2", "TLSv1.3", not 1.3',
      ],
    ],
    ciphers: [
      [{ ...pair, ciphers: ["a"] }, "TypeError: createServer: tls.ciphers must be a string, not an array"],
      [
        { ...pair, ciphers: "HIGH:!aNULL" },
        "RangeError: createServer: tls.ciphers must have one of TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, " +
          "TLS_CHACHA20_POLY1305_SHA256, ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-ECDSA-AES128-GCM-SHA256, " +
          "ECDHE-ECDSA-CHACHA20-POLY1305, ECDHE-RSA-AES256-GCM-SHA384, ECDHE-RSA-AES128-GCM-SHA256, " +
          'ECDHE-RSA-CHACHA20-POLY1305, not only "HIGH:!aNULL"',
      ],
      [
        { ...pair, ciphers: "ECDHE-RSA-AES256-GCM-SHA384", minVersion: "TLSv1.3" },
        "RangeError: createServer: tls.ciphers must have one of TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, " +
          'TLS_CHACHA20_POLY1305_SHA256, not only "ECDHE-RSA-AES256-GCM-SHA384"',
      ],
    ],
    sessionTickets: [
      [{ ...pair, sessionTickets: 1 }, "TypeError: createServer: tls.sessionTickets must be true or false, not 1"],
    ],
    sessionTimeout: [
      [
        { ...pair, sessionTimeout: 0 },
        "RangeError: createServer: tls.sessionTimeout must be an integer from 1 to 43200, not 0",
      ],
      [
        { ...pair, sessionTimeout: "1h" },
        'TypeError: createServer: tls.sessionTimeout must be an integer from 1 to 43200, not "1h"',
      ],
    ],
    expiryWarning: [
      [
        { ...pair, expiryWarning: -1 },
        "RangeError: createServer: tls.expiryWarning must be an integer from 0 to 3650, not -1",
      ],
    ],
    watch: [
      [{ ...pair, watch: "yes" }, 'TypeError: createServer: tls.watch must be true or false, not "yes"'],
      [{ ...pair, watch: 200 }, "TypeError: createServer: tls.watch must be true or false, not 200"],
    ],
  },
  mistaken: {
    sni: "certificates",
    crlPath: "crl",
    cipherSuites: "ciphers",
    tickets: "sessionTickets",
    password: "passphrase",
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
