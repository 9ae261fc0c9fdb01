// Each resolver finds the transport that its options say.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { createRouterTransport, type Transport } from "@connectrpc/connect";
import { dnsResolver, mapResolver, perServiceEnvResolver, singleTransportResolver } from "./resolvers.ts";

const transport = createRouterTransport(() => {});

/** Makes transports that tell their base URL. */
function recording() {
  const urls: string[] = [];
  const createTransport = (baseUrl: string): Transport => {
    urls.push(baseUrl);
    return transport;
  };
  return { urls, createTransport };
}

// contract: G6
test("singleTransportResolver() has one transport for all", () => {
  const resolve = singleTransportResolver(transport);
  for (const typeName of ["a.A", "b.B"]) assert.equal(resolve({ typeName }), transport);
});

// contract: G6
test("mapResolver() looks names up, and nothing that every object has", () => {
  const resolve = mapResolver({ "a.A": transport });
  assert.equal(resolve({ typeName: "a.A" }), transport);
  for (const typeName of ["b.B", "constructor", "__proto__"]) assert.equal(resolve({ typeName }), null);
});

const templates: [typeName: string, url: string][] = [
  ["orders.v1.OrdersService", "http://orders.default:5000/orders"],
  ["orders.v1.OrderBook", "http://orderbook.default:5000/orderbook"],
  ["Service", "http://.default:5000/"],
  ["a.ServiceService", "http://service.default:5000/service"],
];

for (const [typeName, url] of templates) {
  // contract: G7
  test(`dnsResolver() for ${typeName}: ${url}`, () => {
    const { urls, createTransport } = recording();
    const resolve = dnsResolver({ template: "http://{shortName}.default:5000/{name}", createTransport });
    assert.equal(resolve({ typeName }), transport);
    assert.deepEqual(urls, [url]);
  });
}

// contract: G8
test("perServiceEnvResolver() reads the variable of a service when it is asked", () => {
  const { urls, createTransport } = recording();
  const resolve = perServiceEnvResolver({ "a.A": "CONNECTUM_TEST_A" }, { createTransport });
  try {
    for (const value of [undefined, "", "  "]) {
      if (value === undefined) delete process.env["CONNECTUM_TEST_A"];
      else process.env["CONNECTUM_TEST_A"] = value;
      assert.equal(resolve({ typeName: "a.A" }), null);
    }
    process.env["CONNECTUM_TEST_A"] = " http://a:1 ";
    assert.equal(resolve({ typeName: "a.A" }), transport);
    for (const typeName of ["b.B", "constructor"]) assert.equal(resolve({ typeName }), null);
  } finally {
    delete process.env["CONNECTUM_TEST_A"];
  }
  assert.deepEqual(urls, ["http://a:1"]);
});

const wrong: [() => unknown, string][] = [
  [
    () => singleTransportResolver({} as never),
    "singleTransportResolver: the argument must be a transport of connect, not an object",
  ],
  [
    () => mapResolver([] as never),
    "mapResolver: the map must be an object with the full names of services, not an array",
  ],
  [
    () => mapResolver(undefined as never),
    "mapResolver: the map must be an object with the full names of services, not undefined",
  ],
  [
    () => perServiceEnvResolver(undefined as never),
    "perServiceEnvResolver: the map must be an object with the full names of services, not undefined",
  ],
  [() => dnsResolver({} as never), "dnsResolver: template must be a string, not undefined"],
  [
    () => dnsResolver({ template: "a", createTransports: 1 } as never),
    'dnsResolver: there is no option "createTransports". Did you mean "createTransport"?',
  ],
  [
    () => dnsResolver({ template: "a", createTransport: 1 } as never),
    "dnsResolver: createTransport must be a function, not 1",
  ],
  [
    () => perServiceEnvResolver({ "a.A": 1 } as never),
    'perServiceEnvResolver: the variable of "a.A" must be a string, not 1',
  ],
];

for (const [make, message] of wrong) test(message, () => assert.throws(make, { name: "TypeError", message }));
