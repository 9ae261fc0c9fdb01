// The method filter: patterns, their order, and patterns that can never match.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { callPrepare, withPrepare } from "@connectum/hooks";
import {
  answering,
  type Next,
  responseTo,
  run,
  streamRequest,
  unaryRequest,
} from "../../../__test__/support/interceptor-calls.ts";
import { LoginService } from "../../../__test__/validation/gen/connectum/validation/v1/secrets_pb.js";
import { EchoService } from "../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { createMethodFilterInterceptor, type MethodFilterMap } from "./method-filter.ts";

const SERVICE = "connectum.test.v1.EchoService";
const { echo, echoGet } = EchoService.method;

/** Interceptors by name that record when they run. */
function recording() {
  const ran: string[] = [];
  const named =
    (name: string): Interceptor =>
    (next) =>
    (request) => {
      ran.push(name);
      return next(request);
    };
  return { ran, named };
}

/** The interceptors that run for a method, in order. */
async function order(map: (named: (name: string) => Interceptor) => MethodFilterMap, method: DescMethod) {
  const { ran, named } = recording();
  await run(createMethodFilterInterceptor(map(named)), answering(), unaryRequest({ method }));
  return ran;
}

for (const [pattern, rest] of [
  ["/*", 'Service name before "/*" must not be empty.'],
  ["Get", 'Expected "*", "Service/*", or "Service/Method".'],
  ["", 'Expected "*", "Service/*", or "Service/Method".'],
  ["**", 'Expected "*", "Service/*", or "Service/Method".'],
]) {
  // contract: MF-1, MF-2
  test(`the pattern "${pattern}" is invalid`, () => {
    assert.throws(() => createMethodFilterInterceptor({ [`${pattern}`]: [] }), {
      name: "Error",
      message: `Invalid method filter pattern: "${pattern}". ${rest}`,
    });
  });
}

// contract: MF-1, MF-5, MF-6
test("all matches run: of *, the service, the method; the first is outermost; one listed twice runs twice", async () => {
  const { ran, named } = recording();
  const twice = named("twice");
  const filter = createMethodFilterInterceptor({
    [`${SERVICE}/Echo`]: [named("exact"), twice],
    "*": [named("global 1"), named("global 2"), twice],
    [`${SERVICE}/*`]: [named("service")],
  });
  await run(filter, answering(), unaryRequest());
  assert.deepEqual(ran, ["global 1", "global 2", "twice", "service", "exact", "twice"]);
});

// contract: MF-3
test("methods have their names in the .proto, and case matters", async () => {
  const exact = (pattern: string) => order((named) => ({ [pattern]: [named("ran")] }), echoGet);
  assert.deepEqual(await exact(`${SERVICE}/EchoGet`), ["ran"]);
  for (const pattern of [`${SERVICE}/echoGet`, `${SERVICE.toLowerCase()}/*`, `${SERVICE}/Echo`]) {
    assert.deepEqual(await exact(pattern), []);
  }
});

// contract: MF-7, COM-5
test("a call that no pattern matches goes to next directly", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  let seen: unknown;
  const next: Next = async (given) => {
    seen = given;
    return response;
  };
  assert.equal(await run(createMethodFilterInterceptor({ "*": [], "a.B/*": [] }), next, request), response);
  assert.equal(seen, request);
});

// contract: MF-8
test("the arrays of a pattern are copied", async () => {
  const { ran, named } = recording();
  const list = [named("first")];
  const filter = createMethodFilterInterceptor({ "*": list });
  list.push(named("later"));
  await run(filter, answering(), unaryRequest());
  assert.deepEqual(ran, ["first"]);
});

// contract: MF-9
test("streaming calls are filtered, too", async () => {
  const { ran, named } = recording();
  await run(createMethodFilterInterceptor({ "*": [named("ran")] }), answering(), streamRequest());
  assert.deepEqual(ran, ["ran"]);
});

// contract: MF-10, MF-11
test("interceptors are applied anew to each call: only state outside them stays", async () => {
  const counts = { made: 0, called: 0 };
  const counting: Interceptor = (next) => {
    counts.made += 1;
    return (request) => {
      counts.called += 1;
      return next(request);
    };
  };
  const filter = createMethodFilterInterceptor({ [`${SERVICE}/*`]: [counting] });
  await run(filter, answering(), unaryRequest({ method: echo }));
  await run(filter, answering(), unaryRequest({ method: echoGet }));
  assert.deepEqual(counts, { made: 2, called: 2 });
});

// contract: MF-12
test("an interceptor may respond without calling next", async () => {
  const request = unaryRequest();
  const response = responseTo(request);
  const next = answering();
  const filter = createMethodFilterInterceptor({ "*": [() => async () => response] });
  assert.equal(await run(filter, next, request), response);
  assert.equal(next.mock.callCount(), 0);
});

/** Prepares the filter, as a server does when it starts. */
function start(filter: Interceptor, ...methods: DescMethod[]): void {
  callPrepare(filter, methods);
}

for (const [pattern, what, here] of [
  ["*/Get", 'method "*/Get"', `${SERVICE}/*, connectum.validation.v1.LoginService/*`],
  ["/Get", 'method "/Get"', `${SERVICE}/*, connectum.validation.v1.LoginService/*`],
  [`${SERVICE}/`, `method "${SERVICE}/"`, `${SERVICE}/Echo, ${SERVICE}/EchoGet`],
  ["connectum.*/Echo", 'method "connectum.*/Echo"', `${SERVICE}/*, connectum.validation.v1.LoginService/*`],
  [`${SERVICE}/Ecko`, `method "${SERVICE}/Ecko"`, `${SERVICE}/Echo, ${SERVICE}/EchoGet`],
  ["a/b/*", 'service "a/b"', `${SERVICE}/*, connectum.validation.v1.LoginService/*`],
] as const) {
  // contract: MF-4, SC-18
  test(`shortcoming 18, "${pattern}", which can never match, is accepted: the start fails and names what would match`, () => {
    const filter = createMethodFilterInterceptor({ [pattern]: [] });
    assert.throws(() => start(filter, echo, echoGet, LoginService.method.login), {
      message: `Method filter pattern "${pattern}" never matches: there is no ${what}. Here are ${here}.`,
    });
  });
}

test("at the start each interceptor inside gets its methods", () => {
  const shown: Record<string, string[]> = {};
  const inside = (name: string) => {
    const interceptor: Interceptor = (next) => next;
    return withPrepare(interceptor, (methods: readonly DescMethod[]) => {
      shown[name] = methods.map((method) => method.name);
    });
  };
  const filter = createMethodFilterInterceptor({
    "*": [inside("all")],
    [`${SERVICE}/*`]: [inside("service")],
    [`${SERVICE}/EchoGet`]: [inside("method")],
  });
  start(filter, echo, echoGet, LoginService.method.login);
  assert.deepEqual(shown, { all: ["Echo", "EchoGet", "Login"], service: ["Echo", "EchoGet"], method: ["EchoGet"] });
});

test("a package is for the services whose names begin with it, at a dot; shorter ones are outside", async () => {
  const map = (named: (name: string) => Interceptor): MethodFilterMap => ({
    [`${SERVICE}/Echo`]: [named("exact")],
    [`${SERVICE}/*`]: [named("service")],
    "connectum.test.v1.*": [named("connectum.test.v1")],
    "connectum.*": [named("connectum")],
    "connectum.te.*": [named("half a name")],
    "connectum.test.v1.EchoService.*": [named("a message of the service")],
    "*": [named("all")],
  });
  assert.deepEqual(await order(map, echo), ["all", "connectum", "connectum.test.v1", "service", "exact"]);
  assert.deepEqual(await order(map, LoginService.method.login), ["all", "connectum"]);
});

test("a negated pattern is for all calls but those, in the order of the map beside *", async () => {
  const map = (named: (name: string) => Interceptor): MethodFilterMap => ({
    [`!${SERVICE}/EchoGet`]: [named("but EchoGet")],
    "*": [named("all")],
    [`!${SERVICE}/*`]: [named("but the service")],
    "!grpc.health.*": [named("but health")],
    "connectum.*": [named("connectum")],
  });
  assert.deepEqual(await order(map, echo), ["but EchoGet", "all", "but health", "connectum"]);
  assert.deepEqual(await order(map, echoGet), ["all", "but health", "connectum"]);
  assert.deepEqual(await order(map, LoginService.method.login), [
    ...["but EchoGet", "all", "but the service", "but health", "connectum"],
  ]);
});

for (const [pattern, rest] of [
  ["!*", "It is for no call at all."],
  ["!", undefined],
  ["!Get", undefined],
  ["! hello.*", 'Expected "*", "Service/*", or "Service/Method".'],
  ["a*.*", 'Expected "*", "Service/*", or "Service/Method".'],
  ["a b/*", 'Expected "*", "Service/*", or "Service/Method".'],
  [".*", 'Expected "*", "Service/*", or "Service/Method".'],
  ["*.*", 'Expected "*", "Service/*", or "Service/Method".'],
] as const) {
  test(`the pattern "${pattern}" is invalid`, () => {
    assert.throws(() => createMethodFilterInterceptor({ [pattern]: [] }), {
      message:
        rest === undefined ? /^Invalid method filter pattern/ : `Invalid method filter pattern: "${pattern}". ${rest}`,
    });
  });
}

test("a package without a service fails the start; a negated pattern may match nothing, or all", () => {
  const here = `Here are ${SERVICE}/*.`;
  assert.throws(() => start(createMethodFilterInterceptor({ "shop.*": [] }), echo), {
    message: `Method filter pattern "shop.*" never matches: there is no service in the package "shop". ${here}`,
  });
  start(createMethodFilterInterceptor({ "!shop.*": [], [`!${SERVICE}/*`]: [], "connectum.*": [] }), echo);
});

for (const [value, given] of [
  [undefined, "undefined"],
  [null, "null"],
  [[], "an array"],
  ["*", '"*"'],
  [new Map([["*", []]]), "a Map"],
] as const) {
  test(`${given} instead of an object of patterns is refused`, () => {
    assert.throws(() => createMethodFilterInterceptor(value as unknown as MethodFilterMap), {
      name: "TypeError",
      message: `createMethodFilterInterceptor: the argument must be an object of lists of interceptors by pattern, not ${given}`,
    });
  });
}
