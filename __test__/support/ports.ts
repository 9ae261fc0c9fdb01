// Open and free ports of the loopback address.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { createServer } from "@connectum/core";

/** Whether a server listens on it. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer({ services: [], port: 0, host: "127.0.0.1" });
  await server.start();
  const { port } = server.address ?? assert.fail("a started server has an address");
  await server.stop();
  return port;
}
