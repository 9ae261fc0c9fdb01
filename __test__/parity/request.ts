// Valid requests of every protocol, which the cases alter.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { create, type MessageInitShape, toBinary, toJsonString } from "@bufbuild/protobuf";
import { EchoRequestSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { COMPRESSED, envelope } from "../support/envelope.ts";
import type { Field } from "../support/raw-http1.ts";
import type { ParityCase } from "./parity-case.ts";

export type Echo = MessageInitShape<typeof EchoRequestSchema>;
export type Codec = "proto" | "json";
export type Encoding = "gzip" | "br" | "zstd";

export interface RequestOptions {
  /** Default: `proto`, `json` for unary Connect. */
  readonly codec?: Codec;
  /** Compresses the messages, and declares the encoding. */
  readonly encoding?: Encoding;
  readonly headers?: readonly Field[];
  /** Replaces the protocol's. Null: none. */
  readonly contentType?: string | null;
  /** Replaces the messages. */
  readonly body?: Uint8Array;
}

const SERVICE = "/connectum.test.v1.EchoService";

export function pathOf(method: string): string {
  return `${SERVICE}/${method}`;
}

export function encodeMessage(message: Echo, codec: Codec): Uint8Array {
  const whole = create(EchoRequestSchema, message);
  return codec === "proto" ? toBinary(EchoRequestSchema, whole) : Buffer.from(toJsonString(EchoRequestSchema, whole));
}

/** `application/grpc` */
export function grpc(method: string, messages: readonly Echo[], options: RequestOptions = {}): ParityCase {
  const te: Field = ["te", "trailers"];
  return enveloped("application/grpc", "grpc-encoding", method, messages, withHeaders(options, te));
}

/** `application/grpc-web` */
export function grpcWeb(method: string, messages: readonly Echo[], options: RequestOptions = {}): ParityCase {
  return enveloped(
    "application/grpc-web",
    "grpc-encoding",
    method,
    messages,
    withHeaders(options, ["x-grpc-web", "1"]),
  );
}

/** `application/grpc-web-text`: the same in base64. */
export function grpcWebText(method: string, messages: readonly Echo[], options: RequestOptions = {}): ParityCase {
  const { codec = "proto" } = options;
  const plain = framed(messages, codec, options.encoding);
  const body = options.body ?? Buffer.from(Buffer.from(plain).toString("base64"));
  return enveloped("application/grpc-web-text", "grpc-encoding", method, messages, { ...options, body });
}

/** `application/connect+proto` */
export function connectStream(method: string, messages: readonly Echo[], options: RequestOptions = {}): ParityCase {
  const version: Field = ["connect-protocol-version", "1"];
  return enveloped("application/connect", "connect-content-encoding", method, messages, withHeaders(options, version));
}

/** `application/json`, or `application/proto` */
export function connectUnary(method: string, message: Echo, options: RequestOptions = {}): ParityCase {
  const { codec = "json", encoding, headers = [], contentType = `application/${codec}` } = options;
  const body = options.body ?? compressed(encodeMessage(message, codec), encoding);
  const encodingHeader: readonly Field[] = encoding === undefined ? [] : [["content-encoding", encoding]];
  const version: Field = ["connect-protocol-version", "1"];
  const request = { method: "POST", target: pathOf(method), body };
  return { request: { ...request, headers: [...typeHeader(contentType), version, ...encodingHeader, ...headers] } };
}

/** A Connect GET, its parameters as they are given. */
export function connectGet(query: string, headers: readonly Field[] = [], method = "EchoGet"): ParityCase {
  const target = query === "" ? pathOf(method) : `${pathOf(method)}?${query}`;
  return { request: { method: "GET", target, headers } };
}

/** Any request, its path and headers as they are given. */
export function plain(method: string, target: string, headers: readonly Field[] = [], body?: Uint8Array): ParityCase {
  return { request: { method, target, headers, ...(body && { body }) } };
}

function enveloped(
  contentType: string,
  encodingHeader: string,
  method: string,
  messages: readonly Echo[],
  options: RequestOptions,
): ParityCase {
  const { codec = "proto", encoding, headers = [] } = options;
  const body = options.body ?? framed(messages, codec, encoding);
  const type = options.contentType === undefined ? `${contentType}+${codec}` : options.contentType;
  const encodings: readonly Field[] = encoding === undefined ? [] : [[encodingHeader, encoding]];
  return {
    request: { method: "POST", target: pathOf(method), headers: [...typeHeader(type), ...encodings, ...headers], body },
  };
}

function framed(messages: readonly Echo[], codec: Codec, encoding: Encoding | undefined): Uint8Array {
  const flags = encoding === undefined ? 0 : COMPRESSED;
  return Buffer.concat(messages.map((message) => envelope(compressed(encodeMessage(message, codec), encoding), flags)));
}

export function compressed(data: Uint8Array, encoding: Encoding | undefined): Uint8Array {
  switch (encoding) {
    case undefined:
      return data;
    case "gzip":
      return gzipSync(data);
    case "br":
      return brotliCompressSync(data);
    case "zstd":
      return zstdFrame(RAW_BLOCK, data.byteLength, data);
  }
}

const RAW_BLOCK = 0;
const RLE_BLOCK = 1;

/** A zstd frame of one block that repeats `byte` `size` times: at most 128 KiB (RFC 8878). */
export function zstdRepeated(byte: number, size: number): Uint8Array {
  return zstdFrame(RLE_BLOCK, size, Buffer.from([byte]));
}

/** RFC 8878, hand-written because Node cannot compress zstd before 22.15: one block, after its size in four bytes. */
function zstdFrame(blockType: number, size: number, block: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2f_b528, 0);
  // A single segment, whose size has four bytes; no checksum, no dictionary.
  head.writeUInt8(0b1010_0000, 4);
  head.writeUInt32LE(size, 5);
  const lastBlock = 1;
  head.writeUIntLE(lastBlock | (blockType << 1) | (size << 3), 9, 3);
  return Buffer.concat([head, block]);
}

function typeHeader(contentType: string | null): readonly Field[] {
  return contentType === null ? [] : [["content-type", contentType]];
}

function withHeaders(options: RequestOptions, ...headers: Field[]): RequestOptions {
  return { ...options, headers: [...headers, ...(options.headers ?? [])] };
}
