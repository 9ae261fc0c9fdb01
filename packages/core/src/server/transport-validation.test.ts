// Collects bidi methods, and names the modes of the check of transports.
import assert from "node:assert/strict";
import { test } from "node:test";
import { file_grpc_testing_test } from "../../../../examples/interop/gen/grpc/testing/test_pb.js";
import { file_connectum_test_v1_echo } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { collectStreamingMethods, TransportValidationMode } from "./transport-validation.ts";

// contract: V1
test("collectStreamingMethods finds bidi methods only, in the order of files, services and methods", () => {
  const echo = { service: "connectum.test.v1.EchoService", method: "EchoBidiStream", kind: "bidi_streaming" };
  const interop = ["FullDuplexCall", "HalfDuplexCall"].map((method) => ({
    service: "grpc.testing.TestService",
    method,
    kind: "bidi_streaming",
  }));
  assert.deepEqual(collectStreamingMethods([]), []);
  assert.deepEqual(collectStreamingMethods([file_connectum_test_v1_echo, file_grpc_testing_test]), [echo, ...interop]);
  assert.deepEqual(collectStreamingMethods([file_grpc_testing_test, file_connectum_test_v1_echo]), [...interop, echo]);
});

// contract: V-names
test("the constants have the values of the modes", () => {
  assert.deepEqual(TransportValidationMode, { ERROR: "error", WARN: "warn", OFF: "off" });
});
