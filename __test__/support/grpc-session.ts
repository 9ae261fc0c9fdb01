// gRPC calls of the echo service as bare HTTP/2 streams, for tests that write and read them themselves.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { TestContext } from "node:test";

/** The path of the echo service. */
export const SERVICE = "/connectum.test.v1.EchoService";

/** A client with HTTP/2's default window, 64 KiB, which it only moves while it reads. Closed with its test. */
export function sessionTo(t: TestContext, url: string): ClientHttp2Session {
  const session = connect(url);
  t.after(() => session.destroy());
  return session;
}

/** Opens a call and sends its headers. Its errors are the test's to expect. */
export function openCall(session: ClientHttp2Session, method: string): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": `${SERVICE}/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  return stream;
}
