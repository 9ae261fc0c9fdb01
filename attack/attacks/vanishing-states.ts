// The states of a call in which a client vanishes, in HTTP/1.1 and in HTTP/2.
import { echoRequest } from "../../__test__/support/echo-request.ts";
import { envelope } from "../../__test__/support/envelope.ts";
import { DATA, END_STREAM, frame, headersFrame } from "../../__test__/support/http2-frames.ts";
import { headFor, http1Call, http1Head, KIB, methodPath, standing, unaryCall, WATCH, waiting } from "../calls.ts";
import { WAIT } from "../server-texts.ts";

export interface State {
  readonly sent: Buffer;
  /** Whether a handler may be started. */
  readonly isCall: boolean;
  /** Whether the server responds before the client leaves. */
  readonly isAnswered?: boolean;
  /** Whether bytes that follow would belong to what was sent. */
  readonly isHalf?: boolean;
}

const CONNECT_STREAM = "application/connect+proto";
const PROTO = "application/proto";

const nothing = envelope(Buffer.alloc(0));
/** One message, then silence. */
const idle = echoRequest({ text: WAIT, count: 1 });
/** More messages than sockets hold. */
const flow = echoRequest({ count: 256, payload: new Uint8Array(8 * KIB) });

const http1Half = (method: string, type: string, length: string) =>
  Buffer.from(`${http1Head(methodPath(method), type)}${length}\r\n\r\n`);
const http1Stream = (request: Buffer) => http1Call(methodPath("EchoServerStream"), CONNECT_STREAM, request);

/** In a head, a body, a request stream, a handler, a response stream that is idle or flows, a Watch; between calls. */
export const http1States: readonly State[] = [
  { sent: Buffer.from(http1Head(methodPath("Echo"), PROTO)), isCall: false, isHalf: true },
  { sent: http1Half("Echo", PROTO, "content-length: 1000"), isCall: true, isHalf: true },
  { sent: http1Half("EchoClientStream", CONNECT_STREAM, "transfer-encoding: chunked"), isCall: true, isHalf: true },
  { sent: http1Call(methodPath("Echo"), PROTO, waiting.subarray(nothing.length)), isCall: true },
  { sent: http1Stream(idle), isCall: true, isAnswered: true },
  { sent: http1Stream(flow), isCall: true, isAnswered: true },
  { sent: http1Call(WATCH, CONNECT_STREAM, nothing), isCall: false, isAnswered: true },
  { sent: http1Call(methodPath("EchoGet"), PROTO, Buffer.alloc(0)), isCall: true, isAnswered: true },
];

const request = (method: string, message: Buffer) =>
  Buffer.concat([headersFrame(1, method), frame(DATA, 0, 1, message)]);

/** The same; the request stream has a message that its handler does not read. */
export const http2States: readonly State[] = [
  { sent: headersFrame(1, "Echo").subarray(0, 50), isCall: false, isHalf: true },
  { sent: request("Echo", envelope(Buffer.alloc(10), 0, 1_000)), isCall: true },
  { sent: request("EchoBidiStream", Buffer.concat([standing, envelope(Buffer.alloc(KIB))])), isCall: true },
  { sent: unaryCall(1, "Echo", waiting), isCall: true },
  { sent: unaryCall(1, "EchoServerStream", idle), isCall: true, isAnswered: true },
  { sent: unaryCall(1, "EchoServerStream", flow), isCall: true, isAnswered: true },
  {
    sent: Buffer.concat([headFor(1, WATCH), frame(DATA, END_STREAM, 1, nothing)]),
    isCall: false,
    isAnswered: true,
  },
  { sent: unaryCall(1, "EchoGet", nothing), isCall: true, isAnswered: true },
];
