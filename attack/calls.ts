// Calls of the attacked server, as frames of HTTP/2 and as bytes of HTTP/1.1.
import { echoRequest } from "../__test__/support/echo-request.ts";
import { SERVICE } from "../__test__/support/grpc-session.ts";
import {
  callFields,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  headerBlock,
  headersFrame,
  SETTINGS,
  uint32,
} from "../__test__/support/http2-frames.ts";
import { STAND, WAIT } from "./server-texts.ts";

export const WATCH = "/grpc.health.v1.Health/Watch";

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Requests that make a handler wait until its client leaves, and one that makes it stop reading. */
export const waiting = echoRequest({ text: WAIT });
export const standing = echoRequest({ text: STAND });

/** The stream ids of `count` calls, of which the first is number `from`. */
export const streamIds = (count: number, from = 0) => Array.from({ length: count }, (_, at) => 2 * (from + at) + 1);

export const repeated = (bytes: Buffer, times: number) => Buffer.concat(Array.from({ length: times }, () => bytes));

/** A whole gRPC call. */
export function unaryCall(stream: number, method: string, message: Buffer): Buffer {
  return Buffer.concat([headersFrame(stream, method), frame(DATA, END_STREAM, stream, message)]);
}

/** The head of a gRPC call with more fields than the necessary ones. */
export function headWith(stream: number, method: string, fields: [string, string][]): Buffer {
  return frame(HEADERS, END_HEADERS, stream, headerBlock([...callFields(method), ...fields]));
}

/** The head of a gRPC call of another service than that of the tests. */
export function headFor(stream: number, path: string): Buffer {
  const fields = callFields("").map(([name, value]) => [name, name === ":path" ? path : value] as const);
  return frame(HEADERS, END_HEADERS, stream, headerBlock(fields));
}

/** SETTINGS with the window that every stream of the server begins with. */
export function windowSettings(bytes: number): Buffer {
  return frame(SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(bytes)]));
}

/** The head of a Connect call over HTTP/1.1 up to the fields that say how long it is. */
export function http1Head(path: string, contentType: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: a\r\nconnect-protocol-version: 1\r\ncontent-type: ${contentType}\r\n`;
}

/** A whole Connect call over HTTP/1.1. */
export function http1Call(path: string, contentType: string, body: Uint8Array): Buffer {
  const head = `${http1Head(path, contentType)}content-length: ${body.byteLength}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

export const methodPath = (method: string) => `${SERVICE}/${method}`;
