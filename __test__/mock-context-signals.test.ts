// Contexts for handlers under test, and the signals that they follow. Here, as test runners with realms of their own
// cannot ask for listeners.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { createMockContext, mockService } from "@connectum/testing";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";

const echo = mockService(EchoService, { echo: ({ text }) => ({ text }) });

// Node 18 has no AbortSignal.any(), and contexts listen themselves there.
test("contexts add no listeners to the signal that they follow", async () => {
  if (!("any" in AbortSignal)) return;
  const caller = new AbortController();
  const contexts = Array.from({ length: 20 }, (_, index) => {
    return createMockContext({ mocks: [echo], signal: caller.signal, timeoutMs: 5_000 + index });
  });
  assert.deepEqual(getEventListeners(caller.signal, "abort"), []);
  const heard = contexts.map(({ signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)));
  contexts[0]?.abort("alone");
  assert.deepEqual([contexts[0]?.signal.reason, contexts[1]?.signal.aborted], ["alone", false]);
  caller.abort("gone");
  await Promise.all(heard);
  assert.deepEqual([contexts[0]?.signal.reason, contexts[19]?.signal.reason], ["alone", "gone"]);
  const late = createMockContext({ mocks: [echo], signal: caller.signal, timeoutMs: 5_000 });
  assert.equal(late.signal.reason, "gone");
  assert.ok((late.timeoutMs() ?? 0) > 4_000);
});
