// nice-grpc: promises and iterables over grpc-js.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { type CallOptions, ChannelCredentials, ClientError, createChannel, createClient, Metadata } from "nice-grpc";
import { type EchoRequest, EchoRequestSchema, type EchoResponse } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { certificate } from "../support/certificates.ts";
import { testClient } from "./client-table.ts";
import { type Caller, type EchoCall, onlyRequest } from "./echo-call.ts";
import { grpcError } from "./grpc-error.ts";
import { echoService } from "./grpc-js-service.ts";

/** The client that nice-grpc makes from the description of the service. */
interface EchoClient {
  echo(request: EchoRequest, options: CallOptions): Promise<EchoResponse>;
  echoServerStream(request: EchoRequest, options: CallOptions): AsyncIterable<EchoResponse>;
  echoClientStream(requests: AsyncIterable<EchoRequest>, options: CallOptions): Promise<EchoResponse>;
  echoBidiStream(requests: AsyncIterable<EchoRequest>, options: CallOptions): AsyncIterable<EchoResponse>;
}

testClient({
  name: "nice-grpc",
  speaks: /^application\/grpc$/,
  connect(t, url) {
    const trusting = ChannelCredentials.createSsl(Buffer.from(certificate("ca.crt")));
    const channel = createChannel(new URL(url).host, url.startsWith("https:") ? trusting : undefined);
    t.after(() => channel.close());
    return callerOf(createClient(echoService as ServiceDefinition, channel) as unknown as EchoClient);
  },
});

function callerOf(client: EchoClient): Caller {
  return async (call) => {
    const response = { header: new Headers(), trailer: new Headers() };
    const metadata = new Metadata();
    for (const [name, value] of call.metadata) metadata.set(name, value);
    // nice-grpc's own package for deadlines ends the call in the client, but here the server has to.
    if (call.timeoutMs !== undefined) metadata.set("grpc-timeout", `${call.timeoutMs}m`);
    const options: CallOptions = {
      metadata,
      signal: call.signal,
      onHeader(header) {
        response.header = headersOf(header);
      },
      onTrailer(trailer) {
        response.trailer = headersOf(trailer);
      },
    };
    try {
      switch (call.kind) {
        case "unary":
          call.onMessage(await client.echo(create(EchoRequestSchema, await onlyRequest(call)), options));
          break;
        case "server stream": {
          const request = create(EchoRequestSchema, await onlyRequest(call));
          for await (const message of client.echoServerStream(request, options)) call.onMessage(message);
          break;
        }
        case "client stream":
          call.onMessage(await client.echoClientStream(requestsOf(call), options));
          break;
        case "bidi stream":
          for await (const message of client.echoBidiStream(requestsOf(call), options)) call.onMessage(message);
          break;
      }
      return response;
    } catch (error) {
      if (error instanceof ClientError) throw grpcError(error.code, error.details, response.trailer);
      if (error instanceof Error && error.name === "AbortError") throw new ConnectError(error.message, Code.Canceled);
      throw error;
    }
  };
}

async function* requestsOf(call: EchoCall) {
  for await (const request of call.requests) yield create(EchoRequestSchema, request);
}

function headersOf(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const [name, values] of metadata) {
    for (const value of values) {
      headers.append(name, typeof value === "string" ? value : Buffer.from(value).toString("base64"));
    }
  }
  return headers;
}
