// Wrong options of what calls other services: transports in process, clients and resolvers.
import {
  type CreateCatalogClientOptions,
  type CreateLocalTransportOptions,
  createCatalogClient,
  createLocalTransport,
  createServer,
  type DnsResolverOptions,
  dnsResolver,
  type PerServiceEnvResolverOptions,
  perServiceEnvResolver,
  type ServerClientOptions,
} from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { OptionsObject } from "./options-object.ts";

const server = () => createServer({ services: [(router) => router.service(EchoService, {})] });

export const localTransport: OptionsObject<CreateLocalTransportOptions> = {
  name: "createLocalTransport",
  prefix: "",
  use: (options) => createLocalTransport(server(), options as never),
  wrong: {
    interceptors: [
      [{ interceptors: 1 }, "TypeError: createLocalTransport: interceptors must be an array, not 1"],
      [{ interceptors: ["log"] }, 'TypeError: createLocalTransport: interceptors[0] must be a function, not "log"'],
    ],
  },
};

export const serverClient: OptionsObject<ServerClientOptions> = {
  name: "client",
  prefix: "",
  use: (options) => server().client(EchoService, options as never),
  wrong: { endpoint: [[{ endpoint: 1 }, "TypeError: client: endpoint must be a string, not 1"]] },
};

export const catalogClient: OptionsObject<CreateCatalogClientOptions> = {
  name: "createCatalogClient",
  prefix: "",
  use: (options) => createCatalogClient(options as never),
  needed: { catalog: {}, resolver: () => null },
  wrong: {
    catalog: [
      [{ catalog: undefined }, "TypeError: createCatalogClient: catalog is missing"],
      [{ catalog: [] }, "TypeError: createCatalogClient: catalog must be an object, not an array"],
      [
        { catalog: { "a.A": { typeName: "a.A" } } },
        'TypeError: createCatalogClient: catalog["a.A"] must be the descriptor of a service, not an object',
      ],
    ],
    resolver: [
      [{ resolver: undefined }, "TypeError: createCatalogClient: resolver is missing"],
      [{ resolver: {} }, "TypeError: createCatalogClient: resolver must be a function, not an object"],
    ],
  },
};

export const dns: OptionsObject<DnsResolverOptions> = {
  name: "dnsResolver",
  prefix: "",
  use: (options) => dnsResolver(options as never),
  needed: { template: "http://{name}" },
  wrong: {
    template: [
      [{ template: undefined }, "TypeError: dnsResolver: template must be a string, not undefined"],
      [{ template: 1 }, "TypeError: dnsResolver: template must be a string, not 1"],
    ],
    createTransport: [
      [{ createTransport: {} }, "TypeError: dnsResolver: createTransport must be a function, not an object"],
    ],
  },
};

export const perServiceEnv: OptionsObject<PerServiceEnvResolverOptions> = {
  name: "perServiceEnvResolver",
  prefix: "",
  use: (options) => perServiceEnvResolver({}, options as never),
  wrong: {
    createTransport: [
      [{ createTransport: "" }, 'TypeError: perServiceEnvResolver: createTransport must be a function, not ""'],
    ],
  },
};
