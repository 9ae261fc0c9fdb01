// Protocols, which a server has in addition to its services: they register RPCs, and may handle plain HTTP requests.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { DescFile, DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { factoryCallOf, shown } from "@connectum/hooks";
import { isDefinition } from "./define-service.ts";

/** A request as Node's HTTP handlers take it. The object is ours, and has what both of Node's kinds have. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A response as Node's HTTP handlers take it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/**
 * Handles plain HTTP requests, those for paths that no RPC has. Interceptors do not run for them.
 *
 * @returns whether it has responded, or will. No other handler is asked after the first truthy result; a promise is
 * truthy
 */
export type HttpHandler = (request: NodeRequest, response: NodeResponse) => boolean;

/** The facts about its server that a protocol gets when it is registered. */
export interface ProtocolContext {
  /** The files of the services registered before it, in order of registration, each once. */
  readonly registry: ReadonlyArray<DescFile>;
  /** The server. Undefined when the protocol is registered on a router that is not a server's. */
  readonly server?: ProtocolServer | undefined;
}

/** A server, as its protocols see it. */
export interface ProtocolServer {
  /** Every service that has a method, each once. Complete when a call comes, not yet in `register`. */
  readonly services: readonly DescService[];
  /** The same without health and reflection. */
  readonly applicationServices: readonly DescService[];
  /** Aborts when the server begins to stop. */
  readonly shutdownSignal: AbortSignal;
}

/** An extra protocol. */
export interface ProtocolRegistration {
  /** A name for people. It need not be unique. */
  readonly name: string;
  /** Adds RPCs, or none. Called once, when the routes of the server are made. */
  register(router: ConnectRouter, context: ProtocolContext): void;
  /** Handles plain HTTP requests. */
  httpHandler?: HttpHandler;
}

/** @throws TypeError for an element that is not a protocol */
export function assertProtocols(protocols: readonly ProtocolRegistration[]): void {
  protocols.forEach((protocol: unknown, index) => {
    const call = factoryCallOf(protocol);
    if (call !== undefined) {
      throw new TypeError(
        `createServer: protocols[${index}] must be a protocol, not a function. Did you mean ${call}?`,
      );
    }
    if (isDefinition(protocol)) {
      throw new TypeError(`createServer: protocols[${index}] is a service. Did you mean services: [...]?`);
    }
    const isObject = typeof protocol === "object" && protocol !== null;
    if (!isObject || !("register" in protocol) || typeof protocol.register !== "function") {
      throw new TypeError(`createServer: protocols[${index}] must have a function "register", as Healthcheck() has`);
    }
    const handler = "httpHandler" in protocol ? protocol.httpHandler : undefined;
    if (handler === undefined || typeof handler === "function") return;
    throw new TypeError(`createServer: protocols[${index}].httpHandler must be a function, not ${shown(handler)}`);
  });
}
