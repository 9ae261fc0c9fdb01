// node --import tsx authentication.ts: who may call what, by tokens.
import {
  Code,
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createServer, defineService } from "@connectum/core";
import { Healthcheck } from "@connectum/healthcheck";
import { createErrorHandlerInterceptor, createMethodFilterInterceptor } from "@connectum/interceptors";
import { Reflection } from "@connectum/reflection";
import { Greeter } from "./gen/greeter_pb.ts";

const users = new Map([
  ["s3cret", { name: "Ada", isAdmin: false }],
  ["t0psecret", { name: "Grace", isAdmin: true }],
]);
type User = { name: string; isAdmin: boolean };

/** The caller, for interceptors and handlers. */
const caller = createContextKey<User | undefined>(undefined);

const requireUser: Interceptor = (next) => (request) => {
  const [scheme, token = ""] = (request.header.get("authorization") ?? "").split(" ");
  const user = scheme?.toLowerCase() === "bearer" ? users.get(token) : undefined;
  if (user === undefined) throw new ConnectError("the token is missing or unknown", Code.Unauthenticated);
  request.contextValues.set(caller, user);
  return next(request);
};

const requireAdmin: Interceptor = (next) => (request) => {
  if (request.contextValues.get(caller)?.isAdmin) return next(request);
  throw new ConnectError("only for administrators", Code.PermissionDenied);
};

/** The address that a proxy in front has put into a header. */
const address = createContextKey("nowhere");

const greeter = defineService(Greeter, {
  greet: (_, { values }) => ({ greeting: `Hello, ${values.get(caller)?.name}, from ${values.get(address)}!` }),
  async *greetAllDay(_, { values }) {
    for (const time of ["morning", "evening"]) yield { greeting: `Good ${time}, ${values.get(caller)?.name}!` };
  },
  greetTogether: async () => ({}),
  async *greetEach() {},
});

const server = createServer({
  port: 0,
  host: "127.0.0.1",
  services: [greeter],
  interceptors: [
    createErrorHandlerInterceptor({ logErrors: false }),
    requireUser,
    createMethodFilterInterceptor({ "hello.v1.Greeter/GreetAllDay": [requireAdmin] }),
  ],
  protocols: [Healthcheck({ httpEnabled: true, autoServing: true }), Reflection()],
  contextValues: ({ headers }) => createContextValues().set(address, String(headers["x-forwarded-for"] ?? "nowhere")),
});
await server.start();

const baseUrl = `http://127.0.0.1:${server.address?.port}`;

/** Sends a token with each call. */
const sendToken =
  (token: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    request.header.set("x-forwarded-for", "203.0.113.7");
    return next(request);
  };

for (const token of ["guessed", "s3cret", "t0psecret"]) {
  const interceptors = [sendToken(token)];
  const client = createClient(Greeter, createConnectTransport({ baseUrl, httpVersion: "2", interceptors }));
  try {
    console.log((await client.greet({})).greeting);
    for await (const { greeting } of client.greetAllDay({})) console.log(greeting);
  } catch (error) {
    console.log(ConnectError.from(error).message);
  }
}
console.log(`/readyz: ${(await fetch(`${baseUrl}/readyz`)).status}`);

await server.stop();
