// Paths for the Unix sockets of one test, and Node's clients of them.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A path in a directory of its own, which is removed after the test. */
export function socketPath(t: TestContext, name = "app.sock"): string {
  const directory = mkdtempSync(join(tmpdir(), "connectum-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, name);
}

/** The status of a GET over HTTP/1.1, and the body. */
export async function getHttp1(socketPath: string, path = "/"): Promise<{ status: number | undefined; body: string }> {
  const sent = request({ socketPath, path, agent: false }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  return { status: response.statusCode, body };
}

/** The status of a GET over HTTP/2, by prior knowledge. */
export async function getHttp2(socketPath: string, path = "/"): Promise<number> {
  const session = connectHttp2("http://localhost", { createConnection: () => connect(socketPath) });
  try {
    const stream = session.request({ ":path": path }).resume();
    const [{ ":status": status }] = await once(stream, "response");
    return Number(status);
  } finally {
    session.destroy();
  }
}

/** A connection. */
export async function connected(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  return socket;
}

/** The code of the error with which a connection is refused; undefined if it is not. */
export async function refusalOf(socketPath: string): Promise<string | undefined> {
  const socket = connect(socketPath);
  try {
    await once(socket, "connect");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}
