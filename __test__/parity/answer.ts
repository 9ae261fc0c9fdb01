// A response as a flat list of the fields by which two servers are compared.
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { EchoResponseSchema } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { COMPRESSED, END_STREAM, splitEnvelopes, TRAILERS } from "../support/envelope.ts";
import type { Field, RawAnswer } from "../support/raw-http1.ts";

/** Names like `status`, `header x-a`, `message 0`, `error code`, `trailer grpc-status`, `end`. */
export type Answer = ReadonlyMap<string, string>;

/**
 * Headers that are not compared: how a message is carried, not what it says. `date` is never the same; the rest is the
 * business of one connection, and HTTP/2 has none of it.
 */
const noise = new Set(["date", "connection", "keep-alive", "transfer-encoding", "content-length"]);

const errorContentType = "application/json";

export function answerOf(raw: RawAnswer): Answer {
  const fields = new Map<string, string>([["end", raw.end]]);
  if (raw.status !== undefined) fields.set("status", String(raw.status));
  const { headers, trailers } = isTrailersOnly(raw) ? splitTrailersOnly(fields, raw) : raw;
  addFields(fields, "header", headers);
  addBody(fields, raw);
  addFields(fields, "trailer", trailers);
  return fields;
}

/** gRPC's Trailers-Only form of an error: one block that is both headers and trailers. */
function isTrailersOnly({ headers, body, trailers }: RawAnswer): boolean {
  return body.length === 0 && trailers.length === 0 && headers.some(([name]) => name === "grpc-status");
}

/** The short form means the same as the long one, so it is one field, not a difference in every field. */
function splitTrailersOnly(
  fields: Map<string, string>,
  { headers }: RawAnswer,
): Pick<RawAnswer, "headers" | "trailers"> {
  fields.set("trailers-only", "yes");
  const isHeader = ([name]: Field) => name === "content-type";
  return { headers: headers.filter(isHeader), trailers: headers.filter((field) => !isHeader(field)) };
}

function addFields(fields: Map<string, string>, kind: string, list: readonly Field[]): void {
  for (const [name, value] of list) {
    if (noise.has(name)) continue;
    const key = `${kind} ${name}`;
    const before = fields.get(key);
    const plain = plainValue(name, value);
    // RFC 9110 section 5.2: fields with the same name are one list.
    fields.set(key, before === undefined ? plain : `${before}, ${plain}`);
  }
}

function plainValue(name: string, value: string): string {
  // Servers may escape more than they must, which every client undoes.
  if (name === "grpc-message") return decodeOr(value, decodeURIComponent);
  // Padding is optional: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
  if (name.endsWith("-bin")) return value.replace(/=+$/, "");
  return value;
}

function addBody(fields: Map<string, string>, { status, headers, body }: RawAnswer): void {
  const header = (name: string) => headers.find(([candidate]) => candidate === name)?.[1];
  const contentType = header("content-type") ?? "";
  const encoding = header("content-encoding") ?? "identity";
  if (body.length === 0) return;
  if (/^application\/(grpc|connect)/.test(contentType)) {
    addEnvelopes(fields, contentType, headers, body);
  } else if (contentType === errorContentType && status !== 200) {
    addJson(fields, "error", read(body, encoding).toString());
  } else if (/^application\/(json|proto)$/.test(contentType)) {
    fields.set("message", message(contentType, encoding, body));
  } else {
    fields.set("body", shorten(body.toString("latin1")));
  }
}

function addEnvelopes(fields: Map<string, string>, contentType: string, headers: readonly Field[], body: Buffer): void {
  const encoding = headers.find(([name]) => /^(grpc|connect-content)-encoding$/.test(name))?.[1] ?? "";
  const bytes = contentType.startsWith("application/grpc-web-text") ? fromText(body) : body;
  const { envelopes, rest } = splitEnvelopes(bytes);
  for (const [at, { flags, data }] of envelopes.entries()) {
    const codedAs = (flags & COMPRESSED) === 0 ? "identity" : encoding;
    const isEnd = (flags & (TRAILERS | END_STREAM)) !== 0;
    if (isEnd && codedAs !== "identity") fields.set("end compressed", codedAs);
    if ((flags & TRAILERS) !== 0) addTrailers(fields, read(data, codedAs).toString("latin1"));
    else if (isEnd) addJson(fields, "end-stream", read(data, codedAs).toString());
    else fields.set(`message ${at}`, message(contentType, codedAs, data));
  }
  if (rest.length > 0) fields.set("rest of the body", Buffer.from(rest).toString("hex"));
}

/** Decodes pieces of base64, each of which may be padded. */
function fromText(body: Buffer): Buffer {
  const pieces = body.toString("latin1").match(/[^=]+=*/g) ?? [];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
}

/** The trailers of gRPC-Web: a block of HTTP/1.1 fields, which has to be as the specification writes it. */
function addTrailers(fields: Map<string, string>, block: string): void {
  const lines = block.split("\r\n");
  const isAsWritten = lines.pop() === "" && lines.every((line) => /^[a-z0-9_.-]+: ?[^\r\n]*$/.test(line));
  if (!isAsWritten) fields.set("trailer block", JSON.stringify(block));
  const list = lines.map((line): Field => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  addFields(fields, "trailer", list);
}

/** A JSON object, one field for each member, and for each member of `error` and `metadata`. */
function addJson(fields: Map<string, string>, kind: string, text: string): void {
  const value = decodeOr<unknown>(text, JSON.parse);
  if (typeof value !== "object" || value === null) {
    fields.set(kind, text);
    return;
  }
  // An empty end is still an end.
  if (Object.keys(value).length === 0) fields.set(kind, "{}");
  for (const [name, member] of Object.entries(value)) {
    if (name === "error" || name === "metadata") addJson(fields, `${kind} ${name}`, JSON.stringify(member));
    else fields.set(`${kind} ${name}`, typeof member === "string" ? shorten(member) : sortedJson(member));
  }
}

/** A message as JSON, in whatever format it arrived; its compression is part of it. */
function message(contentType: string, encoding: string, data: Uint8Array): string {
  const prefix = encoding === "identity" ? "" : `${encoding}: `;
  const bytes = read(data, encoding);
  if (encoding === "zstd") return prefix + bytes.toString();
  const decode = () =>
    contentType.endsWith("json")
      ? JSON.parse(bytes.toString())
      : toJson(EchoResponseSchema, fromBinary(EchoResponseSchema, bytes));
  try {
    return prefix + shorten(sortedJson(decode()));
  } catch (error) {
    return `${prefix}no message: ${bytes.toString("hex")} (${String(error)})`;
  }
}

const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

function read(data: Uint8Array, encoding: string): Buffer {
  try {
    if (encoding === "gzip") return gunzipSync(data);
    if (encoding === "br") return brotliDecompressSync(data);
  } catch (error) {
    return Buffer.from(`not ${encoding}: ${String(error)}`);
  }
  // Node reads zstd since 22.15; the conformance suite reads it too.
  if (encoding === "zstd") return Buffer.from(zstdMagic.equals(data.subarray(0, 4)) ? "a frame" : "not zstd");
  return Buffer.from(data);
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function shorten(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 40)}… (${text.length} characters)`;
}

function decodeOr<T = string>(text: string, decode: (text: string) => T): T | string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}
