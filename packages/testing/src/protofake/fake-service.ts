// A service whose methods answer with fakes.
import type { DescMessage, DescMethod, DescService, MessageShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { assertInteger, assertObject, type Keys } from "@connectum/hooks";
import { checkOverrides } from "./check-overrides.ts";
import { fake } from "./fake.ts";
import { COMMON_KEYS, type CommonFakeOptions, resolveOptions } from "./options.ts";
import type { Overrides } from "./overrides.ts";

/** How the answers of a service are made. */
export interface FakeServiceOptions<Desc extends DescService = DescService> extends CommonFakeOptions {
  /** The number of responses of a method that streams to one request: 3 by default. */
  readonly messages?: number | undefined;
  /** Fields of responses that are given, by the names of the methods in TypeScript. */
  readonly overrides?:
    | { readonly [name in keyof Desc["method"]]?: Overrides<Desc["method"][name]["output"]> }
    | undefined;
}

const SERVICE_KEYS = { ...COMMON_KEYS, messages: true, overrides: true } satisfies Keys<FakeServiceOptions>;
const MOST_MESSAGES = 1_000_000;

type Answer = () => MessageShape<DescMessage>;

/**
 * An implementation of all methods of a service, for `router.service` and mock transports. Unary methods and those with
 * a stream of requests answer with one fake, those with a stream of responses with several, and those with both with
 * one for each request. Requests are read to their end, and not looked at. Each call of a method gets other values, and
 * the first, the second, … call the same ones for the same seed.
 *
 * @example
 * ```ts
 * const { transport } = await createTestServer({ services: [(router) => router.service(Users, fakeService(Users))] });
 * const user = await createClient(Users, transport).getUser({});
 * ```
 * @throws TypeError for a service that is none, a wrong option, and an override for a method or field that is not there
 */
export function fakeService<Desc extends DescService>(
  service: Desc,
  options: FakeServiceOptions<Desc> = {},
): ServiceImpl<Desc> {
  checkService(service);
  const { seed } = resolveOptions("fakeService", options, SERVICE_KEYS);
  const { overrides = {}, messages = 3, ...common } = options;
  assertInteger("fakeService", "messages", messages, 0, MOST_MESSAGES);
  assertObject("fakeService", "overrides", overrides);
  checkMethodOverrides(service, overrides);
  const given: { readonly [name: string]: Overrides<DescMessage> | undefined } = overrides;
  const methods = service.methods.map((method) => {
    let count = 0;
    const answer: Answer = () => {
      const own = { ...common, seed: `${seed}/${method.name}/${count++}`, overrides: given[method.localName] };
      return fake(method.output, own);
    };
    return [method.localName, implementationOf(method, answer, messages)];
  });
  return Object.fromEntries(methods) as ServiceImpl<Desc>;
}

function implementationOf({ methodKind }: DescMethod, answer: Answer, messages: number) {
  switch (methodKind) {
    case "unary":
      return answer;
    case "server_streaming":
      return async function* () {
        for (let index = 0; index < messages; index++) yield answer();
      };
    case "client_streaming":
      return async (requests: AsyncIterable<unknown>) => {
        for await (const _ of requests);
        return answer();
      };
    case "bidi_streaming":
      return async function* (requests: AsyncIterable<unknown>) {
        for await (const _ of requests) yield answer();
      };
  }
}

function checkMethodOverrides(service: DescService, overrides: object): void {
  for (const [name, given] of Object.entries(overrides)) {
    const method = service.methods.find(({ localName }) => localName === name);
    if (method === undefined) {
      const names = service.methods.map(({ localName }) => localName).join(", ");
      throw new TypeError(`${service.typeName} has no method ${JSON.stringify(name)}: it has ${names}`);
    }
    if (given !== undefined) checkOverrides(method.output, given, `overrides.${name}`);
  }
}

function checkService(service: unknown): void {
  const { kind } = (service ?? {}) as { kind?: unknown };
  if (kind === "service") return;
  const got = typeof kind === "string" ? `a descriptor of kind "${kind}"` : typeof service;
  throw new TypeError(`the service must be a descriptor, such as UserService of user_pb.js, not ${got}`);
}
