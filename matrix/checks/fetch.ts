// The option fetch, with the runtime's own Request and Response.
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { type Check, withProgram } from "../check.ts";

export const fetchHandler: Check = {
  name: "a fetch handler",
  async run(place) {
    await withProgram(place, "fetch.js", [], async (port) => {
      const baseUrl = `http://127.0.0.1:${port}`;
      const at = (path: string, init?: RequestInit) => fetch(baseUrl + path, init);
      const headers = { cookie: "a=1" };
      const request = await at("/request?a=%20", { headers });
      assert.deepEqual(await request.json(), ["GET", `${baseUrl}/request?a=%20`, "a=1", true, true]);
      assert.equal(await (await at("/clone", { method: "POST", body: "ab" })).text(), "abab");
      assert.equal(await (await at("/byob", { method: "POST", body: "abcd" })).text(), "abc");

      const bytes = new Uint8Array(8 * 1024 * 1024).fill(65);
      const echoed = await at("/echo", { method: "POST", body: bytes, headers: { "content-type": "text/plain" } });
      assert.equal((await echoed.arrayBuffer()).byteLength, bytes.byteLength);
      const form = new FormData();
      form.set("file", new Blob([bytes]), "a.bin");
      assert.deepEqual(await (await at("/form", { method: "POST", body: form })).json(), { bytes: bytes.byteLength });

      assert.deepEqual((await at("/cookies")).headers.getSetCookie(), ["a=1", "b=2"]);
      const text = await at("/text");
      assert.deepEqual([await text.text(), text.headers.get("content-length")], ["text", "4"]);
      assert.equal(await (await at("/text", { method: "HEAD" })).text(), "");
      assert.equal((await at("/throws")).status, 500);
      await assert.rejects(async () => (await at("/half")).text());

      await leave(port, "/events");
      await leave(port, "/hang");
      await eventuallyLeft(baseUrl, 2);

      const session = connect(baseUrl);
      try {
        const stream = session.request({ ":path": "/request", cookie: ["a=1", "b=2"] });
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        const seen = JSON.parse(String(Buffer.concat(chunks)));
        assert.deepEqual(seen, ["GET", `${baseUrl}/request`, "a=1; b=2", true, true]);
      } finally {
        session.destroy();
      }
    });
  },
};

/** Sends a request, and leaves when an event has arrived, or after a moment without a response. */
async function leave(port: number, path: string): Promise<void> {
  const request = get({ host: "127.0.0.1", port, path, agent: false });
  request.on("error", () => {});
  if (path === "/events") {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => {});
    assert.match(String((await once(response, "data"))[0]), /^data: 1\n\n/);
  } else {
    await sleep(200); // Until the handler has it: nothing says so.
  }
  request.destroy();
}

async function eventuallyLeft(baseUrl: string, count: number): Promise<void> {
  let left = 0;
  for (let round = 0; left < count && round < 100; round += 1) {
    await sleep(20); // What the server notices has no event here.
    ({ left } = (await (await fetch(`${baseUrl}/left`)).json()) as { left: number });
  }
  assert.equal(left, count, "the handlers hear that their clients have left");
}
