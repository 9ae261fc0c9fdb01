// Calls the echo service from a browser: by connect-web, and by the official grpc-web client.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { GrpcWebClientBase, MethodDescriptor, MethodType, type RpcError } from "grpc-web";
import {
  type EchoRequest,
  EchoRequestSchema,
  type EchoResponse,
  EchoResponseSchema,
  EchoService,
} from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { PageCall, PageResult } from "../page-call.ts";

declare global {
  interface Window {
    call(call: PageCall): Promise<PageResult>;
  }
}

window.call = (call) => (call.client === "official grpc-web" ? callByGrpcWeb(call) : callByConnect(call));

async function callByConnect(call: PageCall): Promise<PageResult> {
  const { url, client, method, text, count = 0, headers = {}, cancelAfter } = call;
  const result: PageResult = { texts: [], header: {}, trailer: {} };
  const cancel = new AbortController();
  const options = {
    headers,
    signal: cancel.signal,
    onHeader: (received: Headers) => {
      result.header = fieldsOf(received);
    },
    onTrailer: (received: Headers) => {
      result.trailer = fieldsOf(received);
    },
  };
  const echo = createClient(EchoService, transport(url, client, call.credentials === true));
  try {
    if (method === "echoServerStream") {
      for await (const message of echo.echoServerStream({ text, count }, options)) {
        result.texts.push(`${message.text} ${message.index}`);
        if (result.texts.length === cancelAfter) cancel.abort();
      }
    } else {
      result.texts.push((await echo[method]({ text }, options)).text);
    }
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    result.error = {
      code: Code[error.code] ?? "",
      message: error.rawMessage,
      details: error.findDetails(EchoResponseSchema).map((detail) => detail.text),
      metadata: fieldsOf(error.metadata),
    };
  }
  return result;
}

function transport(baseUrl: string, client: string, credentials: boolean): Transport {
  const options = {
    baseUrl,
    useBinaryFormat: client === "grpc-web",
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      fetch(input, { ...init, credentials: credentials ? "include" : "same-origin" }),
  };
  return client === "connect"
    ? createConnectTransport({ ...options, useHttpGet: true })
    : createGrpcWebTransport(options);
}

function fieldsOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(headers);
}

function callByGrpcWeb({ url, method, text, count = 0, headers = {}, credentials = false }: PageCall) {
  const result: PageResult = { texts: [], header: {}, trailer: {} };
  const client = new GrpcWebClientBase({ format: "text", withCredentials: credentials });
  const request = create(EchoRequestSchema, { text, count });
  const isStream = method === "echoServerStream";
  const path = `/${EchoService.typeName}/${EchoService.method[method].name}`;
  const descriptor = new MethodDescriptor<EchoRequest, EchoResponse>(
    path,
    isStream ? MethodType.SERVER_STREAMING : MethodType.UNARY,
    // Only its interceptors use the types of the messages.
    class {} as new () => EchoRequest,
    class {} as new () => EchoResponse,
    (message: EchoRequest) => toBinary(EchoRequestSchema, message),
    (bytes: Uint8Array) => fromBinary(EchoResponseSchema, bytes),
  );
  return new Promise<PageResult>((resolve) => {
    const fail = ({ code, message, metadata }: RpcError) => {
      result.error = { code: Code[code] ?? "", message, details: [], metadata };
      resolve(result);
    };
    const unary = (error: RpcError | null, response: EchoResponse) => {
      if (error) fail(error);
      else result.texts.push(response.text);
    };
    const stream = isStream
      ? client
          .serverStreaming(url + path, request, headers, descriptor)
          .on("data", (message) => void result.texts.push(`${message.text} ${message.index}`))
          .on("error", fail)
      : client.rpcCall(url + path, request, headers, descriptor, unary);
    stream.on("metadata", (received) => {
      result.header = received;
    });
    stream.on("status", ({ metadata = {} }) => {
      result.trailer = metadata;
    });
    stream.on("end", () => resolve(result));
  });
}
