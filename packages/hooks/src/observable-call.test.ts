// The call behind a request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OBSERVABLE_CALL, observableCallOf } from "./observable-call.ts";

test("the call of a request is read, also of copies, and nothing else", () => {
  const call = { protocolName: "grpc", isLocal: false, requestBytes: 1, observe: () => true };
  const request = { [OBSERVABLE_CALL]: call };
  assert.equal(observableCallOf(request), call);
  assert.equal(observableCallOf({ ...request }), call, "spread");
  assert.equal(observableCallOf(Object.create(request)), call, "inherited");
  assert.equal(observableCallOf(new Proxy(request, {})), call, "behind a proxy");
  for (const other of [undefined, null, "text", {}, () => {}]) {
    assert.equal(observableCallOf({ [OBSERVABLE_CALL]: other }), undefined);
  }
  assert.equal(observableCallOf({}), undefined);
});
