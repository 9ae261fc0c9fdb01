// What the tests are about: the handlers of a greeter, an interceptor, and a handler that leaves spans.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { type ConnectumServiceImpl, defineService } from "@connectum/core";
import type { Tracer } from "@opentelemetry/api";
import { Greeter } from "../guide/gen/greeter_pb.ts";

export const handlers: ConnectumServiceImpl<typeof Greeter> = {
  greet({ name }, { requestHeader, responseHeader }) {
    if (name === "") throw new ConnectError("name is missing", Code.InvalidArgument);
    responseHeader.set("x-language", "en");
    return { greeting: `${requestHeader.get("x-salutation") ?? "Hello"}, ${name}!` };
  },
  // A greeting each hour, until the caller has heard enough.
  async *greetAllDay({ name }, { signal }) {
    for (let hour = 8; ; hour += 1) {
      yield { greeting: `It is ${hour} o'clock, ${name}!` };
      await nextHour(signal);
    }
  },
  async greetTogether(requests) {
    const names: string[] = [];
    for await (const { name } of requests) names.push(name);
    return { greeting: `Hello, ${names.join(" and ")}!` };
  },
  async *greetEach(requests) {
    for await (const { name } of requests) yield { greeting: `Hello, ${name}!` };
  },
};

export const greeter = defineService(Greeter, handlers);

function nextHour(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 3_600_000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Calls need a tenant. */
export const tenants: Interceptor = (next) => (request) => {
  if (!request.header.has("x-tenant")) throw new ConnectError("who are you?", Code.Unauthenticated);
  return next(request);
};

/** A span for each call. */
export const traced =
  (tracer: Tracer): Interceptor =>
  (next) =>
  async (request) => {
    const span = tracer.startSpan(`greeter ${request.method.name}`);
    try {
      return await next(request);
    } finally {
      span.end();
    }
  };
