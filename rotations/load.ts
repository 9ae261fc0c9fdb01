// Handshakes under steady load: each is a connection of its own, with one request.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

const ca = readFileSync(new URL("../__test__/certificates/ca.crt", import.meta.url));

/** Connections at the same time. */
const LANES = 4;
/** Between two connections of a lane. */
const PAUSE_MS = 5;
/** A connection that takes longer has failed. */
const MOST_MS = 10_000;

/** What the connections have come to. */
export interface Load {
  connections: number;
  readonly failures: string[];
  /** The serial number of the latest certificate. */
  serial: number;
}

/** Adds connections to `load` until the signal aborts. */
export async function run(port: number, load: Load, signal: AbortSignal): Promise<void> {
  const lane = async () => {
    while (!signal.aborted) {
      try {
        load.serial = Math.max(load.serial, await servedSerial(port));
      } catch (error) {
        load.failures.push(String(error));
      }
      load.connections += 1;
      await sleep(PAUSE_MS); // The rate of the load.
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** The serial number of the certificate of a new connection, on which a request is answered. */
async function servedSerial(port: number): Promise<number> {
  const session = connect(`https://localhost:${port}`, { ca });
  const failed = once(session, "error").then(([error]) => Promise.reject(error));
  const late = new AbortController();
  const tooLate = sleep(MOST_MS, undefined, { signal: late.signal }).then(
    () => Promise.reject(new Error(`no answer within ${MOST_MS / 1_000} s`)),
    () => new Promise<never>(() => {}), // It came in time.
  );
  try {
    return await Promise.race([answered(session), failed, tooLate]);
  } finally {
    late.abort();
    session.destroy();
  }
}

async function answered(session: ClientHttp2Session): Promise<number> {
  const stream = session.request({ ":path": "/" }).resume();
  const [{ ":status": status }] = await once(stream, "response");
  if (status !== 404) throw new Error(`status ${status}`);
  const { serialNumber } = (session.socket as TLSSocket).getPeerCertificate();
  return Number.parseInt(serialNumber, 16);
}
