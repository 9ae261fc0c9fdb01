// Runs a call and records it to its end.
import type { StreamRequest, StreamResponse, UnaryRequest } from "@connectrpc/connect";
import { type ObservableCall, ON_ABORT, observableCallOf, onAbort } from "@connectum/hooks";
import { context } from "@opentelemetry/api";
import { isConnectError } from "../faults/thrown.ts";
import type { AnyRequest, AnyResponse, Next } from "./chain.ts";
import type { RecordedCall } from "./recorded-call.ts";
import { RecordedMessages, withMessages } from "./recorded-messages.ts";

/** Runs `next` with the span of the call active. Errors pass unchanged. */
export function record(call: RecordedCall, next: Next, request: AnyRequest): Promise<AnyResponse> {
  const observable = observableCallOf(request);
  if (observable?.observe(call) === true) return recordObservable(call, next, request, observable);
  return request.stream ? recordStream(call, next, request) : recordUnary(call, next, request);
}

/**
 * A call of our own server, which tells what it reads and writes: nothing has to be wrapped, and nothing is serialized
 * again. It ends when the response is written; before that, if the interceptors and the handler behind us fail,
 * whatever those in front of us make of it.
 */
function recordObservable(
  call: RecordedCall,
  next: Next,
  request: AnyRequest,
  observable: ObservableCall,
): Promise<AnyResponse> {
  if (!request.stream) call.onRequest(request.message, observable.requestBytes);
  const responded = run(call, next, request);
  // Nothing awaits this promise, so it must not reject: `failWith` never throws.
  responded.then(undefined, (error: unknown) => failWith(call, request, error));
  return responded;
}

function recordUnary(call: RecordedCall, next: Next, request: UnaryRequest): Promise<AnyResponse> {
  call.onRequest(request.message, undefined);
  // Where it costs next to nothing: the client has the deadline's error before the handler has noticed.
  const stop = Reflect.get(request, ON_ABORT) === undefined ? doNothing : whenAborted(request, call);
  return run(call, next, request).then(
    (response) => {
      stop();
      if (response.stream) return recordResponse(call, request, response);
      call.onResponse(response.message, undefined);
      call.onSuccess();
      return response;
    },
    (error: unknown) => {
      stop();
      failWith(call, request, error);
      throw error;
    },
  );
}

function recordStream(call: RecordedCall, next: Next, request: StreamRequest): Promise<AnyResponse> {
  const messages = new RecordedMessages(request.message, {
    // The request is the caller's: it is read in the context in which it is read without us.
    get context() {
      return context.active();
    },
    onRead: doNothing,
    onMessage: (message) => call.onRequest(message, undefined),
    // Whatever becomes of the request, the call ends with its response.
    onEnd: doNothing,
    onError: doNothing,
    onStop: doNothing,
  });
  return run(call, next, withMessages(request, messages)).then(
    (response) => {
      if (response.stream) return recordResponse(call, request, response);
      call.onResponse(response.message, undefined);
      call.onSuccess();
      return response;
    },
    (error: unknown) => {
      failWith(call, request, error);
      throw error;
    },
  );
}

/**
 * The call ends with the stream. If nobody reads it to its end, with the request, or when the response is collected:
 * clients of Connect tell nobody that their reader has stopped. Then its time is that of the last message.
 */
function recordResponse(call: RecordedCall, request: AnyRequest, response: StreamResponse): AnyResponse {
  let stop = doNothing;
  let isRead = false;
  let lastAt = performance.now();
  const messages = new RecordedMessages(response.message, {
    context: call.context,
    onRead: () => {
      isRead = true;
    },
    onMessage: (message) => {
      lastAt = performance.now();
      call.onResponse(message, undefined);
    },
    onEnd: () => {
      stop();
      call.onSuccess();
    },
    onError: (error) => {
      stop();
      failWith(call, request, error);
    },
    onStop: () => {
      const reason = abortReasonOf(request);
      stop();
      call.stop(reason);
    },
  });
  stop = onAbort(request, (reason) => {
    if (isConnectError(reason)) call.onFailure(reason);
    // A client's request is over when the stream has ended, and not before.
    else if (call.side === "client") call.stop(reason);
    // With any other reason the request may simply have ended.
    else if (!isRead) call.onSuccess();
    // connect-node has no reason when a client goes away, and asks for no further message then.
    else if (Reflect.get(request, ON_ABORT) === undefined) call.stop(reason);
  });
  unread.register(messages, () => {
    stop();
    if (isRead || call.side === "client") call.stop(undefined, lastAt);
    else call.onSuccess();
  });
  return withMessages(response, messages);
}

/** Ends the calls of responses that nobody can read any more. */
const unread = new FinalizationRegistry<() => void>((end) => end());

function run(call: RecordedCall, next: Next, request: AnyRequest): Promise<AnyResponse> {
  try {
    return context.with(call.context, next, undefined, request);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** An error without a code, of a request that was aborted: the other side sees the reason of the abort. */
function failWith(call: RecordedCall, request: AnyRequest, error: unknown): void {
  const reason = isConnectError(error) ? undefined : abortReasonOf(request);
  call.onFailure(error, isConnectError(reason) ? reason : error);
}

/** Ends the call when its request is aborted with an error for the other side. */
function whenAborted(request: AnyRequest, call: RecordedCall): () => void {
  return onAbort(request, (reason) => {
    if (isConnectError(reason)) call.onFailure(reason);
  });
}

/** The reason if the request has been aborted, else undefined. */
function abortReasonOf(request: AnyRequest): unknown {
  let found: unknown;
  onAbort(request, (reason) => {
    found = reason;
  })();
  return found;
}

function doNothing(): void {}
