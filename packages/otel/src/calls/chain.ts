// The types of a chain of interceptors.
import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";

/** The function that an interceptor calls: the next one, at the end the handler or the transport. */
export type Next = ReturnType<Interceptor>;

export type AnyRequest = UnaryRequest | StreamRequest;
export type AnyResponse = UnaryResponse | StreamResponse;

/** Which end of a call is recorded. */
export type Side = "server" | "client";
