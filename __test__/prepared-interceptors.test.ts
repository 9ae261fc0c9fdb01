// Interceptors that get their methods when the server starts.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Interceptor } from "@connectrpc/connect";
import { createServer } from "@connectum/core";
import { Greeter } from "../examples/hello/gen/greeter_pb.ts";
import { EchoService } from "../proto/gen/connectum/test/v1/echo_pb.ts";
import { serve } from "./support/serve.ts";

type Prepare = (methods: readonly { name: string }[]) => void;

const preparing = (prepare: Prepare): Interceptor =>
  Object.assign<Interceptor, object>((next) => (request) => next(request), {
    [Symbol.for("connectum.prepare")]: prepare,
  });

// contract: PREPARE
test("an interceptor gets the methods that are mounted with it, once, before the server listens", async (t) => {
  const shown: string[][] = [];
  const note: Prepare = (methods) => void shown.push(methods.map(({ name }) => name));
  const [own, everywhere] = [preparing(note), preparing(note)];
  const { server } = await serve(t, {
    services: [
      (router) => router.service(EchoService, {}, { interceptors: [own, own] }),
      (router) => router.service(Greeter, {}),
    ],
    interceptors: [everywhere],
  });
  const echo = EchoService.methods.map(({ name }) => name);
  assert.deepEqual(shown, [[...echo, ...Greeter.methods.map(({ name }) => name)], echo]);
  assert.ok(server.isRunning);
});

// contract: PREPARE
test("an exception of the interceptor's function fails the start", async () => {
  const refuse = preparing(() => {
    throw new Error("not for me");
  });
  const server = createServer({ services: [(router) => router.service(EchoService, {})], interceptors: [refuse] });
  await assert.rejects(server.start(), /^Error: not for me$/);
  assert.deepEqual([server.state, server.address], ["stopped", null]);
});
