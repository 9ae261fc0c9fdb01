// The function with which an interceptor writes to a server's log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { REPORT, reportOf } from "./report.ts";

test("the function of a request is read, and nothing else", () => {
  const report = () => {};
  assert.equal(reportOf({ [REPORT]: report }), report);
  assert.equal(reportOf(Object.create({ [REPORT]: report })), report, "inherited");
  assert.equal(reportOf({}), undefined);
  assert.equal(reportOf({ [REPORT]: "text" }), undefined);
});
