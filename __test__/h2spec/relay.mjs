// @ts-check
// A relay that passes on what a client writes only when the client pauses, so that frames written one by one arrive
// together. What the server writes is passed on at once. It knows nothing of HTTP or TLS.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Longer than a client needs from one write to the next, shorter than any of its time limits. */
const PAUSE_MS = 50;

/**
 * Starts a relay to `port`, on the loopback address.
 * @param {number} port
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export async function startRelay(port) {
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const relay = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    open.add(client).add(server);
    // Whoever goes away takes the other side along; why it went is not the relay's business.
    client.on("error", () => {}).once("close", () => server.destroy());
    server.on("error", () => {}).once("close", () => client.destroy());
    server.pipe(client);
    gather(client, server);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (relay.address());
  return {
    port: address.port,
    close() {
      relay.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/**
 * @param {import("node:net").Socket} from
 * @param {import("node:net").Socket} to
 */
function gather(from, to) {
  /** @type {Buffer[]} */
  let held = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const passOn = () => {
    clearTimeout(timer);
    to.write(Buffer.concat(held));
    held = [];
  };
  from.on("data", (chunk) => {
    held.push(chunk);
    clearTimeout(timer);
    timer = setTimeout(passOn, PAUSE_MS);
  });
  from.once("end", () => {
    passOn();
    to.end();
  });
}
