// The calls of the page: what a click calls, and what is shown of the response.
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Greeter, GreetRequestSchema } from "../gen/greeter_pb.ts";
import { drawHour, HOURS } from "./sky.ts";

const baseUrl = new URLSearchParams(location.search).get("server") ?? "http://localhost:5000";
element("page-origin").textContent = location.origin;
element("server-origin").textContent = baseUrl;
drawHour(0);

/** The server may have several pages. This header is one that `cors.allowHeaders` lets a page send. */
const pageId = Math.random().toString(36).slice(2);
const sendPageId: Interceptor = (next) => (request) => {
  request.header.set("page-id", pageId);
  return next(request);
};

let client = clientOf("connect");
element("protocols").addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement) client = clientOf(event.target.value);
});

function clientOf(protocol: string): Client<typeof Greeter> {
  const options = { baseUrl, interceptors: [sendPageId] };
  return createClient(
    Greeter,
    protocol === "connect" ? createConnectTransport(options) : createGrpcWebTransport(options),
  );
}

// A call.
element("greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  await showing("greeting", () => greet(input("name").value));
});

async function greet(name: string): Promise<string> {
  const begun = performance.now();
  const { greeting } = await client.greet({ name });
  return `${greeting} (${Math.round(performance.now() - begun)} ms)`;
}

// A stream, which the page may cancel.
let day = new AbortController();
element("begin").addEventListener("click", async () => {
  day = new AbortController();
  setRunning(true);
  element("greetings").replaceChildren();
  element("last-day").textContent = "is greeting";
  element("count").textContent = `0 of ${HOURS}`;
  let hour = 0;
  try {
    for await (const { greeting } of client.greetAllDay({ name: input("name").value }, { signal: day.signal })) {
      drawHour(hour);
      showGreeting(hour, greeting);
      hour += 1;
    }
  } catch (error) {
    const { code, message } = ConnectError.from(error);
    if (code !== Code.Canceled) element("last-day").textContent = message;
  }
  setRunning(false);
  await showing("last-day", whatTheServerSaw);
});
element("cancel").addEventListener("click", () => day.abort());

/** How the last day ended, for the server's handler. A page may read this header, as `cors.exposeHeaders` has it. */
async function whatTheServerSaw(): Promise<string> {
  let lastDay = "";
  const onHeader = (headers: Headers) => {
    lastDay = headers.get("last-day") ?? "cannot be seen: the header is not exposed";
  };
  // This call may overtake the end of the stream.
  for (let tries = 0; tries < 20; tries += 1) {
    await client.greet({ name: "Ada" }, { onHeader });
    if (lastDay !== "is greeting") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return lastDay;
}

// An error, and its detail.
element("fail").addEventListener("click", async () => {
  try {
    await client.greet({ name: "" });
  } catch (error) {
    const failure = ConnectError.from(error);
    element("code").textContent = Code[failure.code] ?? "";
    element("message").textContent = failure.rawMessage;
    const [detail] = failure.findDetails(GreetRequestSchema);
    element("detail").textContent = detail === undefined ? "" : `greet “${detail.name}” instead`;
    element("detail").onclick = () => showing("greeting", () => greet(detail?.name ?? ""));
    element("error").hidden = false;
  }
});

/** Shows the result of a call in an element, or its error. */
async function showing(id: string, call: () => Promise<string>): Promise<void> {
  try {
    element(id).textContent = await call();
  } catch (error) {
    element(id).textContent = ConnectError.from(error).message;
  }
}

function showGreeting(hour: number, greeting: string): void {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = `${String(hour).padStart(2, "0")}:00`;
  item.append(time, greeting);
  const list = element("greetings");
  list.append(item);
  list.scrollTop = list.scrollHeight;
  element("count").textContent = `${hour + 1} of ${HOURS}`;
}

function setRunning(isRunning: boolean): void {
  element("begin").toggleAttribute("disabled", isRunning);
  element("cancel").toggleAttribute("disabled", !isRunning);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element "${id}"`);
  return found;
}

function input(id: string): HTMLInputElement {
  return element(id) as HTMLInputElement;
}
