// The table: one file for each subject.
import type { ParityTable } from "../parity-case.ts";
import authority from "./authority.ts";
import badMessages from "./bad-messages.ts";
import compression from "./compression.ts";
import connectGet from "./connect-get.ts";
import connectStream from "./connect-stream.ts";
import connectUnary from "./connect-unary.ts";
import deadlines from "./deadlines.ts";
import envelopes from "./envelopes.ts";
import grpc from "./grpc.ts";
import grpcHttp1 from "./grpc-http1.ts";
import grpcWeb from "./grpc-web.ts";
import grpcWebText from "./grpc-web-text.ts";
import http1 from "./http1.ts";
import http2 from "./http2.ts";
import limits from "./limits.ts";
import metadata from "./metadata.ts";
import outcomes from "./outcomes.ts";
import pathsAndVerbs from "./paths-and-verbs.ts";
import protocolVersion from "./protocol-version.ts";

export const tables: Readonly<Record<string, ParityTable>> = {
  gRPC: grpc,
  "gRPC over HTTP/1.1": grpcHttp1,
  "gRPC-Web": grpcWeb,
  "gRPC-Web text": grpcWebText,
  "Connect unary": connectUnary,
  "Connect GET": connectGet,
  "Connect stream": connectStream,
  outcomes,
  metadata,
  deadlines,
  compression,
  envelopes,
  "bad messages": badMessages,
  limits,
  "protocol version": protocolVersion,
  "paths and verbs": pathsAndVerbs,
  "HTTP/1": http1,
  "HTTP/2": http2,
  authority,
};
