// Mock services: what they accept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mockService } from "@connectum/testing";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";

// contract: MR-1
test("a mock is the service and its handlers", () => {
  const impl = { echo: () => ({ text: "a" }) };
  const mock = mockService(EchoService, impl);
  assert.deepEqual(Object.keys(mock), ["service", "impl"]);
  assert.equal(mock.service, EchoService);
  assert.equal(mock.impl, impl);
});

test("an instance of a class may have more than handlers", () => {
  class Impl {
    calls = 0;
    echo() {
      this.calls += 1;
      return {};
    }
  }
  assert.ok(mockService(EchoService, new Impl()).impl instanceof Impl);
});

const EVERY = "echo, echoGet, echoServerStream, echoClientStream, echoBidiStream";
const wrong: [what: string, args: unknown[], message: string][] = [
  [
    "a service that is none",
    [{}, {}],
    "mockService: the first argument must be the descriptor of a service, which generated code exports, not an object",
  ],
  [
    "no handlers",
    [EchoService],
    "mockService: the handlers of connectum.test.v1.EchoService must be an object, not undefined",
  ],
  [
    "a handler of a method that does not exist",
    [EchoService, { delete: () => ({}) }],
    `mockService: connectum.test.v1.EchoService has no method "delete". It has ${EVERY}.`,
  ],
  [
    "a misspelt method",
    [EchoService, { ecko: () => ({}) }],
    'mockService: connectum.test.v1.EchoService has no method "ecko". Did you mean "echo"?',
  ],
  [
    "a handler that is no function",
    [EchoService, { echo: { text: "a" } }],
    "mockService: connectum.test.v1.EchoService.echo must be a function, not an object",
  ],
];
for (const [what, args, message] of wrong) {
  test(`${what} is rejected`, () => {
    assert.throws(() => Reflect.apply(mockService, undefined, args), { name: "TypeError", message });
  });
}
