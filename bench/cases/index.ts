// All cases, in the order of the table.

import type { Case } from "../case.ts";
import bidiStream from "./bidi-stream.ts";
import clientStream from "./client-stream.ts";
import connectJsonHttp1 from "./connect-json-http1.ts";
import connectUnary from "./connect-unary.ts";
import connectUnaryJson from "./connect-unary-json.ts";
import context from "./context.ts";
import echo1Mib from "./echo-1-mib.ts";
import echo64Kib from "./echo-64-kib.ts";
import failingCall from "./failing-call.ts";
import grpcUnary from "./grpc-unary.ts";
import grpcUnary1Connection from "./grpc-unary-1-connection.ts";
import grpcUnary16Connections from "./grpc-unary-16-connections.ts";
import grpcWeb from "./grpc-web.ts";
import gzip from "./gzip.ts";
import healthCheck from "./health-check.ts";
import interceptorsPassing from "./interceptors-passing.ts";
import interceptorsSpreading from "./interceptors-spreading.ts";
import mixedFields from "./mixed-fields.ts";
import mixedFieldsJson from "./mixed-fields-json.ts";
import serverStream from "./server-stream.ts";
import thousandStrings from "./thousand-strings.ts";
import tlsUnary from "./tls-unary.ts";

export const cases: readonly Case[] = [
  grpcUnary,
  grpcUnary1Connection,
  grpcUnary16Connections,
  tlsUnary,
  connectUnary,
  connectUnaryJson,
  connectJsonHttp1,
  grpcWeb,
  interceptorsPassing,
  interceptorsSpreading,
  context,
  failingCall,
  mixedFields,
  mixedFieldsJson,
  thousandStrings,
  serverStream,
  clientStream,
  bidiStream,
  echo64Kib,
  echo1Mib,
  gzip,
  healthCheck,
];
