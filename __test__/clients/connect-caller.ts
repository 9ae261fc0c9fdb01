// Calls through any transport of connect.
import { createClient, encodeBinaryHeader, type Transport } from "@connectrpc/connect";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type Caller, onlyRequest } from "./echo-call.ts";

/** The content types of each protocol, by format. */
export const contentTypes = {
  connect: { proto: /^application\/(connect\+)?proto$/, json: /^application\/(connect\+)?json$/ },
  grpc: { proto: /^application\/grpc\+proto$/, json: /^application\/grpc\+json$/ },
  "grpc-web": { proto: /^application\/grpc-web\+proto$/, json: /^application\/grpc-web\+json$/ },
};

/** Makes calls over `transport`. */
export function connectCaller(transport: Transport): Caller {
  const client = createClient(EchoService, transport);
  return async (call) => {
    const response = { header: new Headers(), trailer: new Headers() };
    const options = {
      headers: call.metadata.map(([name, value]): [string, string] => [
        name,
        typeof value === "string" ? value : encodeBinaryHeader(value),
      ]),
      ...(call.timeoutMs !== undefined && { timeoutMs: call.timeoutMs }),
      signal: call.signal,
      onHeader(header: Headers) {
        response.header = header;
      },
      onTrailer(trailer: Headers) {
        response.trailer = trailer;
      },
    };
    switch (call.kind) {
      case "unary":
        call.onMessage(await client.echo(await onlyRequest(call), options));
        break;
      case "client stream":
        call.onMessage(await client.echoClientStream(call.requests, options));
        break;
      case "server stream":
        for await (const message of client.echoServerStream(await onlyRequest(call), options)) call.onMessage(message);
        break;
      case "bidi stream":
        for await (const message of client.echoBidiStream(call.requests, options)) call.onMessage(message);
        break;
    }
    return response;
  };
}
