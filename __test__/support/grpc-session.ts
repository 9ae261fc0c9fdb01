// gRPC calls of the echo service as plain HTTP/2 streams, for tests that write and read them themselves.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from "node:http2";
import type { TestContext } from "node:test";

/** The path of the echo service. */
export const SERVICE = "/connectum.test.v1.EchoService";

/** A client with HTTP/2's default window of 64 KiB, updated only while it reads. Closed at the end of its test. */
export function sessionTo(t: TestContext, url: string): ClientHttp2Session {
  const session = connect(url);
  t.after(() => session.destroy());
  return session;
}

/** Opens a call and sends its headers. Its errors are ignored here, because tests expect some. */
export function openCall(
  session: ClientHttp2Session,
  method: string,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({
    ...headers,
    ":method": "POST",
    ":path": `${SERVICE}/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  return stream;
}
