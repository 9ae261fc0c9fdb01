// Wrong options of `cors`.
import type { CorsOptions } from "@connectum/core";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const NO_JAVASCRIPT = "Rust compares texts, and cannot ask JavaScript";
const origin = (given: string, problem: string) => {
  const shown = given.startsWith("a ") ? given : `"${given}"`;
  return `TypeError: createServer: cors.origins[0] must be an origin, such as "https://app.example", not ${shown}: ${problem}`;
};
const origins = (value: string, problem: string) => [{ origins: [value] }, origin(value, problem)] as const;
const list = (given: string) =>
  `TypeError: createServer: cors.origins must be "*" or an array of origins, not ${given}`;
const headers = (option: string, index: number, given: string) =>
  `TypeError: createServer: cors.${option}[${index}] must be the name of a header field, not ${given}`;
const maxAge = (given: string, name = "RangeError") =>
  `${name}: createServer: cors.maxAge must be an integer from 0 to 2147483647, not ${given}`;

export const cors: OptionsObject<CorsOptions> = {
  name: "createServer",
  prefix: "cors.",
  use: (options) => start({ cors: options }),
  mistaken: {
    origin: "origins",
    allowedOrigins: "origins",
    allowedHeaders: "allowHeaders",
    exposedHeaders: "exposeHeaders",
    maxAgeSeconds: "maxAge",
    allowCredentials: "credentials",
  },
  wrong: {
    origins: [
      [{ origins: "https://app.example" }, list('"https://app.example"')],
      [{ origins: true }, list("true")],
      [{ origins: () => true }, list(`a function: ${NO_JAVASCRIPT}`)],
      [{ origins: /example/ }, list(`a RegExp: ${NO_JAVASCRIPT}`)],
      [{ origins: [() => true] }, origin("a function", NO_JAVASCRIPT)],
      [{ origins: [/example$/] }, origin("a RegExp", NO_JAVASCRIPT)],
      [{ origins: [new Map()] }, origin("a Map", "it is no text")],
      [
        { origins: ["https://app.example", "app.example"] },
        'TypeError: createServer: cors.origins[1] must be an origin, such as "https://app.example", not "app.example": it has no scheme, such as https://',
      ],
      origins("localhost:5173", "it has no scheme, such as https://"),
      origins("//app.example", "it has no scheme, such as https://"),
      origins("", "it has no scheme, such as https://"),
      origins("null", "it is the origin of any sandboxed page"),
      origins("https://*.app.example", "there are no wildcards. List each origin"),
      origins("https://", "it is no URL"),
      origins("https://app example", "it is no URL"),
      origins("file:///index.html", "it has no host"),
      origins("https://ada@app.example", "it has a user"),
      ...[
        ["https://app.example/", "https://app.example"],
        ["https://app.example:8443/path", "https://app.example:8443"],
        ["https://app.example?query", "https://app.example"],
        ["https://app.example#part", "https://app.example"],
      ].map(([given = "", right]) => origins(given, `an origin ends with its host or port. Did you mean "${right}"?`)),
      ...[
        ["https://App.example", "https://app.example"],
        ["HTTPS://app.example", "https://app.example"],
        ["https://app.example:443", "https://app.example"],
        ["http://app.example:80", "http://app.example"],
        ["https://bücher.example", "https://xn--bcher-kva.example"],
      ].map(([given = "", right]) => origins(given, `browsers write it otherwise. Did you mean "${right}"?`)),
      [
        { origins: ["*", "https://app.example"] },
        origin("*", 'it is any origin, and has to be the only one: origins: "*"'),
      ],
    ],
    credentials: [
      [{ credentials: "include" }, 'TypeError: createServer: cors.credentials must be true or false, not "include"'],
      ...[undefined, "*", ["*"]].map(
        (origins) =>
          [
            { credentials: true, origins },
            "TypeError: createServer: cors.credentials needs a list of cors.origins: browsers send no credentials where any " +
              "origin is allowed",
          ] as const,
      ),
    ],
    maxAge: [
      [{ maxAge: -1 }, maxAge("-1")],
      [{ maxAge: 0.5 }, maxAge("0.5")],
      [{ maxAge: Number.POSITIVE_INFINITY }, maxAge("Infinity")],
      [{ maxAge: "1h" }, maxAge('"1h"', "TypeError")],
    ],
    allowHeaders: [
      [
        { allowHeaders: "authorization" },
        'TypeError: createServer: cors.allowHeaders must be an array, not "authorization"',
      ],
      [{ allowHeaders: ["authorization", "x tenant"] }, headers("allowHeaders", 1, '"x tenant"')],
      [{ allowHeaders: ["authorization, x-tenant"] }, headers("allowHeaders", 0, '"authorization, x-tenant"')],
      [{ allowHeaders: [1] }, headers("allowHeaders", 0, "1")],
      [
        { allowHeaders: ["*"], credentials: true, origins: ["https://app.example"] },
        'TypeError: createServer: cors.allowHeaders[0] must be a name: "*" means nothing beside cors.credentials',
      ],
    ],
    exposeHeaders: [
      [{ exposeHeaders: {} }, "TypeError: createServer: cors.exposeHeaders must be an array, not an object"],
      [{ exposeHeaders: [""] }, headers("exposeHeaders", 0, '""')],
      [{ exposeHeaders: ["x:y"] }, headers("exposeHeaders", 0, '"x:y"')],
    ],
    all: [[{ all: "yes" }, 'TypeError: createServer: cors.all must be true or false, not "yes"']],
  },
};
