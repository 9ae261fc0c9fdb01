// Services as values, on a router that is not a server's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { EchoService } from "../../../../proto/gen/connectum/test/v1/echo_pb.ts";
import { type ConnectumServiceImpl, defineLazyService, defineService } from "./define-service.ts";

class Echo {
  readonly greeting = "Hello";

  echo({ text }: { text: string }) {
    return { text: `${this.greeting}, ${text}!` };
  }
}

const handlers = new Echo() as unknown as ConnectumServiceImpl<typeof EchoService>;

for (const [what, service] of Object.entries({
  "a definition": defineService(EchoService, handlers),
  "a lazy definition": defineLazyService(EchoService, () => handlers),
})) {
  test(`${what} registers on a router of connect's`, async () => {
    const client = createClient(
      EchoService,
      createRouterTransport((router) => service.register(router)),
    );
    assert.equal((await client.echo({ text: "Ada" })).text, "Hello, Ada!");
    await assert.rejects(client.echoGet({}), { code: Code.Unimplemented });
  });
}
