// Compiled, never run: the forms in which services can be written.
import type { ConnectRouter } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import {
  type ConnectumMethodImpl,
  type ConnectumServiceImpl,
  createServer,
  defineLazyService,
  defineService,
  type ServiceDefinition,
  type ServiceOptions,
  type ServiceRoute,
} from "@connectum/core";
import { type EchoRequest, EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";

// contract: D-types
// An object.

const handlers: ConnectumServiceImpl<typeof EchoService> = {
  echo: ({ text }) => ({ text }),
  // A promise, and the properties of the context.
  async echoGet({ text }, { signal, requestHeader }) {
    signal.throwIfAborted();
    return { text: requestHeader.get("name") ?? text };
  },
  async *echoServerStream({ count }) {
    for (let index = 0; index < count; index += 1) yield { index };
  },
  async echoClientStream(requests) {
    const texts: string[] = [];
    for await (const { text } of requests) texts.push(text);
    return { text: texts.join() };
  },
  async *echoBidiStream(requests) {
    for await (const { text } of requests) yield { text };
  },
};

// contract: D-types, F-class
// An instance of a class whose parameters have explicit types, and one that inherits.

class Echo {
  readonly #prefix = "";
  echo({ text }: EchoRequest) {
    return { text: this.#prefix + text };
  }
  async echoGet({ text }: EchoRequest) {
    return { text };
  }
  async *echoServerStream({ text }: EchoRequest) {
    yield { text };
  }
  async echoClientStream(requests: AsyncIterable<EchoRequest>) {
    for await (const { text } of requests) return { text };
    return {};
  }
  async *echoBidiStream(requests: AsyncIterable<EchoRequest>) {
    for await (const { text } of requests) yield { text };
  }
}

class LouderEcho extends Echo {
  override echo({ text }: EchoRequest) {
    return { text: text.toUpperCase() };
  }
}

const options: ServiceOptions = { readMaxBytes: 1024, interceptors: [(next) => next], jsonOptions: {} };

const definitions: ServiceDefinition[] = [
  defineService(EchoService, handlers),
  defineService(EchoService, new Echo(), options),
  defineService(EchoService, new LouderEcho()),
  defineLazyService(EchoService, () => new Echo(), options),
];

// contract: D-types, D-options
// Values that are not services.

// @ts-expect-error Methods are missing.
defineService(EchoService, { echo: handlers.echo });

// @ts-expect-error A class is no instance of it.
defineService(EchoService, Echo);

// @ts-expect-error The factory of a lazy service is a function.
defineLazyService(EchoService, handlers);

defineService(EchoService, {
  ...handlers,
  // @ts-expect-error A response has no such field.
  echo: () => ({ texts: "" }),
});

defineService(EchoService, {
  ...handlers,
  // @ts-expect-error The field is a string.
  echo: async () => ({ text: 1 }),
});

defineService(EchoService, {
  ...handlers,
  // @ts-expect-error A stream is answered by an iterable.
  echoServerStream: async () => ({ text: "" }),
});

defineService(EchoService, {
  ...handlers,
  // @ts-expect-error A client's stream is answered by one message.
  async *echoClientStream() {
    yield { text: "" };
  },
});

// @ts-expect-error There is no such option.
defineService(EchoService, handlers, { readMaxByte: 1024 });
defineService(EchoService, handlers, { acceptCompression: ["gzip", compressionGzip] });
// @ts-expect-error There is no such compression.
defineService(EchoService, handlers, { acceptCompression: ["deflate"] });

// The handler of one method.

export const echo: ConnectumMethodImpl<(typeof EchoService)["method"]["echo"]> = ({ text }) => ({ text });

// @ts-expect-error A request has no such field.
export const wrong: ConnectumMethodImpl<(typeof EchoService)["method"]["echo"]> = ({ texts }) => ({ text: texts });

// contract: F-mixed
// Functions of a router, whatever they return, and definitions, mixed.

const routes: ServiceRoute = (router: ConnectRouter) => {
  router.service(EchoService, { echo: ({ text }) => ({ text }) });
  // @ts-expect-error It takes a context with calls by name, which other routers do not give. Use defineService().
  router.service(EchoService, { echo: handlers.echo });
};
const chained = (router: ConnectRouter) => router.service(EchoService, new Echo(), options);
const fixed = [routes, ...definitions] as const;

export const server = createServer({
  services: [
    routes,
    chained,
    ...definitions,
    (router) => router.rpc(EchoService.method.echo, ({ text }) => ({ text })),
    (router) => router.service(EchoService, { echoGet: ({ text }) => ({ text }) }),
  ],
});
server.addService(routes);
server.addService(defineService(EchoService, new Echo()));
createServer({ services: fixed });
createServer({ services: [] });

// @ts-expect-error A descriptor alone has no handlers.
createServer({ services: [EchoService] });

// @ts-expect-error Services are a list.
createServer({ services: routes });

// @ts-expect-error Services are needed.
createServer({});
