// Wrong options of the entries of `listeners`. They are those of createServer(), so here is what is different.
import { createServer, type ListenerOptions } from "@connectum/core";
import type { OptionsObject } from "./options-object.ts";

/** Starts a server with one listener. */
async function start(options: unknown): Promise<void> {
  const server = createServer({ services: [], listeners: [options as ListenerOptions] });
  try {
    await server.start();
  } finally {
    if (server.isRunning) await server.stop();
  }
}

const port = undefined;
const needs = 'TypeError: createServer: listeners[0] needs port, path or fd, or the host "unix:…" or "systemd"';

export const listener: OptionsObject<ListenerOptions> = {
  name: "createServer",
  prefix: "listeners[0].",
  use: start,
  needed: { port: 0 },
  wrong: {
    port: [
      [{ port: 65_536 }, "RangeError: createServer: listeners[0].port must be an integer from 0 to 65535, not 65536"],
      [{ port }, needs],
    ],
    host: [
      [{ host: 1 }, "TypeError: createServer: listeners[0].host must be a string, not 1"],
      [{ host: "127.0.0.1", port }, needs],
      [
        { host: "unix:/run/app.sock" },
        "TypeError: createServer: listeners[0].host and listeners[0].port exclude each other: a listener listens in one place",
      ],
    ],
    path: [
      [{ path: 1 }, "TypeError: createServer: listeners[0].path must be a string, not 1"],
      [{ path: "", port }, 'RangeError: createServer: listeners[0].path must be the path of a Unix socket, not ""'],
      [
        { path: "/run/app.sock" },
        "TypeError: createServer: listeners[0].path and listeners[0].port exclude each other: a listener listens in one place",
      ],
    ],
    fd: [[{ fd: -1 }, "RangeError: createServer: listeners[0].fd must be an integer from 0 to 2147483647, not -1"]],
    allowHTTP1: [
      [{ allowHTTP1: "no" }, 'TypeError: createServer: listeners[0].allowHTTP1 must be true or false, not "no"'],
      [
        { allowHTTP1: false, allowH2C: false },
        "TypeError: createServer: without TLS, one of listeners[0].allowHTTP1 and listeners[0].allowH2C must be true, or " +
          "nothing is served",
      ],
    ],
    allowH2C: [[{ allowH2C: 0 }, "TypeError: createServer: listeners[0].allowH2C must be true or false, not 0"]],
    reusePort: [
      [{ reusePort: null }, "TypeError: createServer: listeners[0].reusePort must be true or false, not null"],
      [
        { reusePort: true, fd: 3, port },
        "TypeError: createServer: listeners[0].reusePort is for ports, and there is none beside listeners[0].fd",
      ],
    ],
    tls: [
      [{ tls: true }, "TypeError: createServer: listeners[0].tls must be an object, not true"],
      [
        { tls: { certpath: "server.crt" } },
        'TypeError: createServer: there is no option "listeners[0].tls.certpath". Did you mean "listeners[0].tls.certPath"?',
      ],
    ],
    proxyProtocol: [
      [
        { proxyProtocol: 2 },
        "TypeError: createServer: listeners[0].proxyProtocol must be true, false or a list of networks, not 2",
      ],
      [{ proxyProtocol: ["10.0.0.0"], port }, needs],
      [
        { proxyProtocol: ["10.0.0"] },
        'TypeError: createServer: listeners[0].proxyProtocol[0] must be an IP address, a network such as "10.0.0.0/8", or ' +
          '"unix", not "10.0.0"',
      ],
    ],
  },
  mistaken: { hostname: "host", socketPath: "path", ssl: "tls" },
};
