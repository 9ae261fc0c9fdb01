// A handler may return any thenable, however badly it behaves: its call gets exactly one response.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { failOnProcessFaults } from "./support/process-faults.ts";
import { serveEcho } from "./support/serve-echo.ts";
import { protocolClients } from "./support/transports.ts";

failOnProcessFaults();

type Settle = (value: unknown) => void;
const thenable = (then: (resolve: Settle, reject: Settle) => unknown) => ({ then });

/** Thenables, and the text or the code of the response. */
const thenables: Record<string, { make: () => unknown; outcome: string | Code }> = {
  "resolves at once": { make: () => thenable((resolve) => resolve({ text: "a" })), outcome: "a" },
  "resolves later": { make: () => thenable((resolve) => setTimeout(resolve, 5, { text: "a" })), outcome: "a" },
  "resolves, then again, then rejects, then throws": {
    make: () =>
      thenable((resolve, reject) => {
        resolve({ text: "first" });
        resolve({ text: "second" });
        reject(new Error("third"));
        throw new Error("fourth");
      }),
    outcome: "first",
  },
  "rejects, then resolves": {
    make: () =>
      thenable((resolve, reject) => {
        reject(new ConnectError("a", Code.NotFound));
        resolve({ text: "too late" });
      }),
    outcome: Code.NotFound,
  },
  throws: { make: () => thenable(() => assert.fail("a trap")), outcome: Code.Internal },
  "throws when it is looked at": {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what it looks like
    make: () => Object.defineProperty({}, "then", { get: () => assert.fail("a trap") }),
    outcome: Code.Internal,
  },
  "gives no promise back": { make: () => thenable((resolve) => void resolve({ text: "a" })), outcome: "a" },
  "never settles": { make: () => thenable(() => {}), outcome: Code.DeadlineExceeded },
};

for (const { name, transport } of protocolClients) {
  for (const [what, { make, outcome }] of Object.entries(thenables)) {
    test(`${name}: a handler's thenable that ${what}`, { timeout: 10_000 }, async (t) => {
      const { url } = await serveEcho(t, { echo: () => make() as never, echoGet: ({ text }) => ({ text }) });
      const client = createClient(EchoService, transport(url));
      const call = client.echo({}, { timeoutMs: 400 });
      if (typeof outcome === "string") assert.equal((await call).text, outcome);
      else await assert.rejects(call, ({ code }: ConnectError) => code === outcome);
      assert.equal((await client.echoGet({ text: "next" })).text, "next");
    });
  }
}
