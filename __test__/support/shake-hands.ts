// A TLS client of node:tls, as far as its handshake, and the certificate that it sees.
import type { TestContext } from "node:test";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { certificate } from "./certificates.ts";

const ca = certificate("ca.crt");

/** A socket after its handshake with `localhost`. */
export function shakeHands(t: TestContext, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost", ...options });
    t.after(() => socket.destroy());
    socket.once("secureConnect", () => resolve(socket)).once("error", reject);
  });
}

/** The serial number of the certificate that a new connection gets. */
export async function servedSerial(t: TestContext, port: number, options: ConnectionOptions = {}): Promise<string> {
  const socket = await shakeHands(t, port, { ALPNProtocols: ["h2"], ...options });
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}
