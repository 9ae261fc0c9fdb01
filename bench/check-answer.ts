// Checks the response of a call before the call is measured, since h2load counts any 200 as a success: once by a real
// client, once with the bytes that h2load will send.
import assert from "node:assert/strict";
import {
  type DescMethodStreaming,
  type DescMethodUnary,
  equals,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import type { Case } from "./case.ts";
import { overHttp1, overHttp2 } from "./exchange.ts";
import { bodyOf, headersOf, messagesIn, pathOf } from "./wire.ts";

/** @throws AssertionError for a wrong response */
export async function checkAnswer(url: string, subject: Case): Promise<void> {
  await checkByClient(url, subject);
  await checkByBytes(url, subject);
}

async function checkByClient(url: string, subject: Case): Promise<void> {
  const { method, requests, responses, failure } = subject;
  const transport = transportTo(url, subject);
  const received: Message[] = [];
  const call = async () => {
    if (method.methodKind === "unary") {
      const [request] = requests;
      assert.ok(request);
      received.push(
        (await transport.unary(method as DescMethodUnary, undefined, 10_000, subject.sends, request))
          .message as Message,
      );
    } else {
      const { message } = await transport.stream(
        method as DescMethodStreaming,
        undefined,
        10_000,
        subject.sends,
        each(requests),
      );
      for await (const one of message) received.push(one);
    }
  };
  if (failure === undefined) await call();
  else {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, failure);
      assert.equal(error.details.length, 1, "the error has a detail");
      return true;
    });
  }
  assertSame(subject, received, responses);
}

async function checkByBytes(url: string, subject: Case): Promise<void> {
  const { variant, protocol, failure, expects = {}, gzip } = subject;
  const exchange = variant === "http1" ? overHttp1 : overHttp2;
  const { status, fields, body } = await exchange({
    url,
    path: pathOf(subject),
    headers: headersOf(subject),
    body: bodyOf(subject),
  });
  assert.equal(status, 200);
  if (protocol === "grpc") assert.equal(fields["grpc-status"], String(failure ?? 0));
  if (protocol === "grpc-web") assert.match(body.toString("latin1"), /grpc-status: *0\r\n/);
  for (const [name, value] of Object.entries(expects)) assert.equal(fields[name], value);
  if (gzip) assert.equal(fields[protocol === "connect" ? "content-encoding" : "grpc-encoding"], "gzip");
  assertSame(subject, messagesIn(subject, failure === undefined ? body : Buffer.alloc(0)), subject.responses);
}

function assertSame({ method }: Case, actual: readonly Message[], expected: readonly Message[]): void {
  assert.equal(actual.length, expected.length, "as many messages as expected");
  for (const [index, message] of actual.entries()) {
    const wanted = expected[index] as MessageShape<typeof method.output>;
    assert.ok(equals(method.output, message, wanted), `message ${index} of the answer is as expected`);
  }
}

function transportTo(baseUrl: string, { protocol, json, gzip, variant }: Case): Transport {
  const options = {
    baseUrl,
    useBinaryFormat: !json,
    nodeOptions: { rejectUnauthorized: false },
    ...(!gzip && { acceptCompression: [] }),
  };
  if (protocol === "grpc") return createGrpcTransport(options);
  const httpVersion = variant === "http1" ? "1.1" : "2";
  const make = protocol === "connect" ? createConnectTransport : createGrpcWebTransport;
  return make({ ...options, httpVersion });
}

async function* each(messages: readonly Message[]) {
  yield* messages;
}
