// Names and values of attributes, by the names of version 1.2, the stable ones, and both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { applyAttributeFilter, buildBaseAttributes } from "./base-attributes.ts";
import { ConnectErrorCode, ConnectErrorCodeName, isServerFault } from "./connect-error-code.ts";
import { buildErrorAttributes, failureAttributes, successAttributes } from "./error-attributes.ts";
import * as names from "./names.ts";
import { protocolOf } from "./rpc-protocol.ts";
import { detectConnectumTransport } from "./transport.ts";

// contract: OT-constants
test("the names are the contract's", () => {
  assert.deepEqual(
    { ...names },
    {
      RPC_SYSTEM_CONNECT_RPC: "connect_rpc",
      ATTR_RPC_SYSTEM: "rpc.system",
      ATTR_RPC_SERVICE: "rpc.service",
      ATTR_RPC_METHOD: "rpc.method",
      ATTR_RPC_CONNECT_RPC_STATUS_CODE: "rpc.connect_rpc.status_code",
      ATTR_ERROR_TYPE: "error.type",
      ATTR_SERVER_ADDRESS: "server.address",
      ATTR_SERVER_PORT: "server.port",
      ATTR_NETWORK_PROTOCOL_NAME: "network.protocol.name",
      ATTR_NETWORK_TRANSPORT: "network.transport",
      ATTR_NETWORK_PEER_ADDRESS: "network.peer.address",
      ATTR_NETWORK_PEER_PORT: "network.peer.port",
      ATTR_CONNECTUM_TRANSPORT: "connectum.transport",
      ATTR_CONNECTUM_TRANSPORT_METRIC: "transport",
      CONNECTUM_INTERNAL_TRANSPORT_HEADER: "connectum-internal-transport",
      CONNECTUM_INTERNAL_TRANSPORT_IN_PROCESS: "in-process",
      RPC_MESSAGE_EVENT: "rpc.message",
      ATTR_RPC_MESSAGE_TYPE: "rpc.message.type",
      ATTR_RPC_MESSAGE_ID: "rpc.message.id",
      ATTR_RPC_MESSAGE_UNCOMPRESSED_SIZE: "rpc.message.uncompressed_size",
    },
  );
});

// contract: OT-constants
test("the codes are connect's, and each has its name", () => {
  const codes = Object.values(Code).filter((code) => typeof code === "number");
  assert.deepEqual(Object.values(ConnectErrorCode), codes);
  assert.deepEqual(Object.keys(ConnectErrorCodeName).map(Number), codes);
  assert.deepEqual([ConnectErrorCodeName[1], ConnectErrorCodeName[16]], ["CANCELED", "UNAUTHENTICATED"]);
});

test("six codes are faults of the server", () => {
  const faults = Object.values(ConnectErrorCode).filter(isServerFault);
  assert.deepEqual(faults, [2, 4, 12, 13, 14, 15]);
});

const call = { service: "shop.v1.Orders", method: "GetOrder", serverAddress: "a" };

// contract: OT-INT-4
test("the base attributes by the names of version 1.2", () => {
  assert.deepEqual(buildBaseAttributes({ ...call, serverPort: 80 }), {
    "rpc.system": "connect_rpc",
    "rpc.service": "shop.v1.Orders",
    "rpc.method": "GetOrder",
    "server.address": "a",
    "server.port": 80,
    "network.protocol.name": "connect_rpc",
    "network.transport": "tcp",
  });
});

// contract: OT-SC-11
test("gRPC, gRPC-Web and calls in process are named as what they are", () => {
  const of = (protocol: "grpc" | "grpc-web") => {
    const attributes = buildBaseAttributes({ ...call, protocol });
    return [attributes["rpc.system"], attributes["network.protocol.name"]];
  };
  assert.deepEqual(
    [of("grpc"), of("grpc-web")],
    [
      ["grpc", "grpc"],
      ["grpc", "grpc_web"],
    ],
  );
  assert.equal(buildBaseAttributes({ ...call, transport: "in-process" })["network.transport"], "inproc");
});

// contract: OT-semconv
test("the base attributes by the stable names, and by both", () => {
  assert.deepEqual(
    buildBaseAttributes({ ...call, serverAddress: undefined, semconv: "stable", protocol: "grpc-web" }),
    {
      "rpc.system.name": "grpc",
      "rpc.method": "shop.v1.Orders/GetOrder",
      "network.protocol.name": "http",
      "network.transport": "tcp",
    },
  );
  assert.deepEqual(buildBaseAttributes({ ...call, semconv: "both" }), {
    "rpc.system": "connect_rpc",
    "rpc.service": "shop.v1.Orders",
    "rpc.system.name": "connectrpc",
    "rpc.method": "shop.v1.Orders/GetOrder",
    "server.address": "a",
    "network.protocol.name": "http",
    "network.transport": "tcp",
  });
});

// contract: OT-UTL-5
test("a filter of attributes makes a new object; without one it is the same", () => {
  const attributes = { a: 1, b: "2" };
  assert.equal(applyAttributeFilter(attributes), attributes);
  assert.deepEqual(
    applyAttributeFilter(attributes, (key, value) => key === "b" && value === "2"),
    { b: "2" },
  );
});

class OwnError extends Error {}

// contract: OT-UTL-3
test("the attributes of errors by the names of version 1.2", () => {
  assert.deepEqual(buildErrorAttributes(new ConnectError("a", Code.NotFound)), {
    "error.type": "NOT_FOUND",
    "rpc.connect_rpc.status_code": 5,
  });
  assert.deepEqual(buildErrorAttributes(new ConnectError("a", 99 as Code)), {
    "error.type": "UNKNOWN",
    "rpc.connect_rpc.status_code": 99,
  });
  assert.deepEqual(buildErrorAttributes(new OwnError("a")), { "error.type": "OwnError" });
  assert.deepEqual(buildErrorAttributes(undefined), { "error.type": "UNKNOWN" });
});

const outcomes: [unknown, "connect" | "grpc", string, ("server" | "client")?][] = [
  [new ConnectError("a", Code.NotFound), "connect", "not_found"],
  [new ConnectError("a", Code.NotFound), "grpc", "NOT_FOUND"],
  [new ConnectError("a", Code.Canceled), "grpc", "CANCELLED"],
  [new ConnectError("a", 99 as Code), "grpc", "UNKNOWN"],
  [new Error("a"), "connect", "internal"],
  [new Error("a"), "connect", "unknown", "client"],
  [new DOMException("a", "AbortError"), "grpc", "CANCELLED"],
];

for (const [error, protocol, status, side = "server"] of outcomes) {
  // contract: OT-semconv
  test(`by the stable names ${String(error)} of a ${side} over ${protocol} is ${status}`, () => {
    const terms = { side, protocol, semconv: "stable" as const };
    assert.deepEqual(failureAttributes(error, terms), { "rpc.status_code": status, "error.type": status });
  });
}

// contract: OT-semconv
test("a success has a status by the stable names, and none by the others", () => {
  assert.deepEqual(successAttributes({ protocol: "grpc", semconv: "stable" }), { "rpc.status_code": "OK" });
  assert.deepEqual(successAttributes({ protocol: "connect", semconv: "both" }), { "rpc.status_code": "ok" });
  assert.deepEqual(successAttributes({ protocol: "grpc", semconv: "legacy" }), {});
  assert.deepEqual(
    failureAttributes(new ConnectError("a", Code.Internal), { side: "server", protocol: "grpc", semconv: "both" }),
    {
      "rpc.connect_rpc.status_code": 13,
      "rpc.status_code": "INTERNAL",
      "error.type": "INTERNAL",
    },
  );
});

test("the protocol is that of the content type", () => {
  assert.deepEqual(
    [null, "application/json", "application/connect+proto", "application/grpc", "application/grpc-web+proto"].map(
      protocolOf,
    ),
    ["connect", "connect", "connect", "grpc", "grpc-web"],
  );
});

// contract: OT-UTL-4
test("the marker of calls in process is compared exactly", () => {
  const of = (value: string) => detectConnectumTransport(new Headers({ "connectum-internal-transport": value }));
  assert.deepEqual([of("in-process"), of("In-Process"), of("")], ["in-process", "http", "http"]);
  assert.equal(detectConnectumTransport(new Headers()), "http");
});
