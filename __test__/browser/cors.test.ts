// A page of one origin calls a server of another, in Chromium: what CORS lets it send and read.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Code } from "@connectrpc/connect";
import type { CorsOptions } from "@connectum/core";
import { build } from "esbuild";
import { FAIL, refusal, startEchoServer } from "../support/echo-server.ts";
import { eventually } from "../support/eventually.ts";
import { serveEcho } from "../support/serve-echo.ts";
import { openPage } from "./chromium.ts";
import type { PageCall, PageResult } from "./page-call.ts";
import { servePage } from "./page-server.ts";

const folder = mkdtempSync(join(tmpdir(), "connectum-page-"));
after(() => rmSync(folder, { recursive: true }));
before(async () => {
  const entry = fileURLToPath(new URL("page/page.ts", import.meta.url));
  await build({ entryPoints: [entry], bundle: true, outfile: join(folder, "page.js"), logLevel: "error" });
  const script = '<script src="/page.js"></script>';
  writeFileSync(join(folder, "index.html"), `<!doctype html><link rel="icon" href="data:,">${script}`);
});

/** What a page that uses the metadata of the echo service needs. */
const metadata: CorsOptions = {
  allowHeaders: ["x-ask", "x-ask-bin"],
  exposeHeaders: ["x-header", "x-header-bin", "trailer-x-trailer", "trailer-x-trailer-bin", "x-reason"],
};

/** A page, the function that makes it call, and the requests that the browser has sent for it. */
async function openCaller(t: TestContext, origin?: string) {
  const page = await openPage(t, origin ?? (await servePage(t, folder)));
  const sent: string[] = [];
  page.on("request", (request) =>
    sent.push(`${request.method()} ${new URL(request.url()).pathname.split("/").at(-1)}`),
  );
  const call = (asked: PageCall) => page.evaluate<PageResult>(`window.call(${JSON.stringify(asked)})`);
  return { page, call, sent };
}

const clients = ["connect", "grpc-web", "official grpc-web"] as const;

for (const secure of [false, true]) {
  const over = secure ? "HTTP/2 over TLS" : "HTTP/1.1";

  test(`${over}: every client calls the server of another origin`, { timeout: 60_000 }, async (t) => {
    const origin = await servePage(t, folder);
    const { url, seen } = await startEchoServer(t, secure, { cors: { origins: [origin], ...metadata } });
    const { call, sent } = await openCaller(t, origin);
    for (const client of clients) {
      const unary = await call({ url, client, method: "echo", text: "Ada", headers: { "x-ask": "an answer" } });
      assert.deepEqual([unary.error, unary.texts], [undefined, ["Ada"]], client);
      assert.equal(unary.header["x-header"], "an answer", `${client}: an exposed header`);
      assert.equal(unary.trailer["x-trailer"], "an answer", `${client}: an exposed trailer`);

      const stream = await call({ url, client, method: "echoServerStream", text: "Ada", count: 3 });
      assert.deepEqual([stream.error, stream.texts], [undefined, ["Ada 0", "Ada 1", "Ada 2"]], client);

      for (const method of ["echo", "echoServerStream"] as const) {
        const { error, texts } = await call({ url, client, method, text: FAIL, count: 1 });
        assert.deepEqual(texts, method === "echo" ? [] : [`${FAIL} 0`], client);
        assert.deepEqual([error?.code, error?.message], [Code[refusal.code], refusal.text], `${client} ${method}`);
        if (client === "official grpc-web") continue; // It has the details as bytes.
        assert.deepEqual(error?.details, [refusal.detail], `${client} ${method}`);
        assert.equal(error?.metadata["x-reason"], refusal.reason, `${client} ${method}`);
      }
    }
    sent.length = 0;
    const got = await call({ url, client: "connect", method: "echoGet", text: "by GET" });
    assert.deepEqual([got.texts, sent], [["by GET"], ["GET EchoGet"]]);
    const types = new Set(seen.contentTypes.map((type) => type?.split(/[;+]/)[0]));
    for (const type of ["application/json", "application/grpc-web", "application/grpc-web-text"]) {
      assert.ok(types.has(type), `${type} was called: ${[...types].join(", ")}`);
    }
  });
}

test("a page of an origin that is not listed gets nothing, and no handler runs", { timeout: 60_000 }, async (t) => {
  const { url, seen } = await startEchoServer(t, false, { cors: { origins: ["https://app.example"] } });
  const { call } = await openCaller(t);
  for (const client of clients) {
    const { texts, error } = await call({ url, client, method: "echo", text: "Ada" });
    assert.deepEqual(texts, [], client);
    assert.ok(error?.code === "Unknown" || error?.code === "Unavailable", `${client}: ${JSON.stringify(error)}`);
  }
  // Without a preflight, as a GET needs none: it is served, and the page cannot read the response.
  assert.deepEqual(seen.contentTypes, []);
  const get = await call({ url, client: "connect", method: "echoGet", text: "Ada" });
  assert.deepEqual([get.texts, get.error?.code], [[], "Unknown"]);
  assert.equal(seen.contentTypes.length, 1);
});

test("without the option no page of another origin can call", { timeout: 60_000 }, async (t) => {
  const { url, seen } = await startEchoServer(t, false);
  const { call } = await openCaller(t);
  const { texts, error } = await call({ url, client: "connect", method: "echo", text: "Ada" });
  assert.deepEqual([texts, error?.code, seen.contentTypes], [[], "Unknown", []]);
});

test("headers that are not in the lists can neither be sent nor read", { timeout: 60_000 }, async (t) => {
  const { url } = await startEchoServer(t, false, { cors: true });
  const { call } = await openCaller(t);
  const plain = await call({ url, client: "connect", method: "echo", text: "Ada" });
  assert.deepEqual(plain.texts, ["Ada"]);
  const asking = { url, client: "connect", method: "echo", text: "Ada", headers: { "x-ask": "1" } } as const;
  assert.equal((await call(asking)).error?.code, "Unknown");
  const hidden = await startEchoServer(t, false, { cors: { allowHeaders: ["*"] } });
  const unread = await call({ ...asking, url: hidden.url });
  assert.deepEqual([unread.texts, unread.header["x-header"]], [["Ada"], undefined]);
  const shown = await startEchoServer(t, false, { cors: { allowHeaders: ["*"], exposeHeaders: ["*"] } });
  assert.equal((await call({ ...asking, url: shown.url })).header["x-header"], "1");
});

test("cookies come along where credentials are allowed, and only there", { timeout: 60_000 }, async (t) => {
  const origin = await servePage(t, folder);
  const { page, call } = await openCaller(t, origin);
  await page.context().addCookies([{ name: "session", value: "s3cret", domain: "127.0.0.1", path: "/" }]);
  const withCookies = async (cors: CorsOptions, credentials: boolean) => {
    const cookies = (_: unknown, context: { requestHeader: Headers }) => ({
      text: context.requestHeader.get("cookie") ?? "no cookie",
    });
    const { url } = await serveEcho(t, { echo: cookies }, { cors });
    return call({ url, client: "connect", method: "echo", text: "", credentials });
  };
  const listed = { origins: [origin], credentials: true };
  assert.deepEqual((await withCookies(listed, true)).texts, ["session=s3cret"]);
  assert.deepEqual((await withCookies(listed, false)).texts, ["no cookie"]);
  assert.equal((await withCookies({ origins: [origin] }, true)).error?.code, "Unknown");
  assert.equal((await withCookies({ origins: "*" }, true)).error?.code, "Unknown");
});

test("a page cancels a stream, and the handler's signal aborts", { timeout: 60_000 }, async (t) => {
  const { url, seen } = await startEchoServer(t, false, { cors: true });
  const { call } = await openCaller(t);
  const asked = { url, method: "echoServerStream", text: "wait", count: 2, cancelAfter: 2 } as const;
  for (const client of ["connect", "grpc-web"] as const) {
    const { texts, error } = await call({ ...asked, client });
    assert.deepEqual([texts, error?.code], [["wait 0", "wait 1"], "Canceled"], client);
  }
  await eventually(() => seen.aborted.length === 2, "both handlers see the cancel");
  assert.deepEqual(seen.aborted, [Code.Canceled, Code.Canceled]);
});
