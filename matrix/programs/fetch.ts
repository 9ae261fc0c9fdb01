// A server with the option fetch: paths that try each part of the Fetch standard which a runtime brings.
import { createServer } from "@connectum/core";

let left = 0;

/** Events, until their client leaves. */
function events(): ReadableStream<Uint8Array> {
  let count = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => {
        count += 1;
        controller.enqueue(new TextEncoder().encode(`data: ${count}\n\n`));
      }, 20);
    },
    cancel() {
      clearInterval(timer);
      left += 1;
    },
  });
}

async function serve(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case "/request": {
      const { method, url, headers, body } = request;
      return Response.json([method, url, headers.get("cookie"), body === null, request instanceof Request]);
    }
    case "/echo":
      return new Response(request.body, { headers: { "x-type": request.headers.get("content-type") ?? "" } });
    case "/form": {
      const file = (await request.formData()).get("file") as unknown as { arrayBuffer(): Promise<ArrayBuffer> };
      return Response.json({ bytes: (await file.arrayBuffer()).byteLength });
    }
    case "/clone":
      return new Response((await request.clone().text()) + (await request.text()));
    case "/byob": {
      const reader = request.body?.getReader({ mode: "byob" });
      const { value } = (await reader?.read(new Uint8Array(3))) ?? {};
      await reader?.cancel();
      return new Response(value ?? "");
    }
    case "/cookies": {
      const response = new Response(null, { status: 204 });
      response.headers.append("set-cookie", "a=1");
      response.headers.append("set-cookie", "b=2");
      return response;
    }
    case "/events":
      return new Response(events(), { headers: { "content-type": "text/event-stream" } });
    case "/hang":
      request.signal.addEventListener("abort", () => {
        left += 1;
      });
      return new Promise(() => {});
    case "/left":
      return Response.json({ left });
    case "/half":
      return new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode("half"));
            await new Promise((resolve) => setTimeout(resolve, 50));
            controller.error(new Error("on purpose"));
          },
        }),
      );
    case "/text":
      return new Response("text");
    default:
      throw new Error("on purpose");
  }
}

const server = createServer({
  services: [],
  host: "127.0.0.1",
  port: 0,
  fetch: serve,
  // The errors are made on purpose.
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  shutdown: { autoShutdown: true },
});
await server.start();
console.log(`port ${server.address?.port}`);
