// Extra protocols beside the services: RPCs of their own, and answers to requests that are no RPCs.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { DescFile, DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { shown } from "../options/option-checks.ts";

/** A request as Node's HTTP handlers take it. What is passed is ours; it has what both of Node's have. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A response as Node's HTTP handlers take it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/**
 * Answers requests for paths that no RPC has. Interceptors do not run for them.
 *
 * @returns whether it has answered, or will: then nobody else is asked. The first truthy answer wins, a promise too
 */
export type HttpHandler = (request: NodeRequest, response: NodeResponse) => boolean;

/** What a protocol is told about the server it joins. */
export interface ProtocolContext {
  /** The files of the services registered before, in order of registration, each once. */
  readonly registry: ReadonlyArray<DescFile>;
  /** The server. Undefined when somebody else registers the protocol, on a router of another kind. */
  readonly server?: ProtocolServer | undefined;
}

/** A server, as its protocols see it. */
export interface ProtocolServer {
  /** Every service of which there is a method, each once. Complete when a call comes, not yet in `register`. */
  readonly services: readonly DescService[];
  /** Of those the ones that are not health or reflection. */
  readonly applicationServices: readonly DescService[];
  /** Aborts when the server begins to stop. */
  readonly shutdownSignal: AbortSignal;
}

/** An extra protocol. */
export interface ProtocolRegistration {
  /** For people; it need not be unique. */
  readonly name: string;
  /** Adds RPCs, or none. Called once, when the routes of the server are made. */
  register(router: ConnectRouter, context: ProtocolContext): void;
  /** Answers other requests. */
  httpHandler?: HttpHandler;
}

/** @throws TypeError for an element that is no protocol */
export function assertProtocols(protocols: readonly ProtocolRegistration[]): void {
  protocols.forEach((protocol: unknown, index) => {
    const isObject = typeof protocol === "object" && protocol !== null;
    if (!isObject || !("register" in protocol) || typeof protocol.register !== "function") {
      throw new TypeError(`createServer: protocols[${index}] must have a function "register", as Healthcheck() has`);
    }
    const handler = "httpHandler" in protocol ? protocol.httpHandler : undefined;
    if (handler === undefined || typeof handler === "function") return;
    throw new TypeError(`createServer: protocols[${index}].httpHandler must be a function, not ${shown(handler)}`);
  });
}
