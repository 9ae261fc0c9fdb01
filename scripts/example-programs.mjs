// @ts-check
// The programs of examples/, and what each has to do on a runtime: in this workspace, or where packages are installed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { capture, root } from "./run.mjs";

/** @typedef {import("./runtime.mjs").Runtime} Runtime */
/** @typedef {{ runtime: Runtime, folder: string }} Place */

const certificates = join(root, "__test__", "certificates");
const env = { LISTEN: "127.0.0.1", PORT: "0", NODE_OPTIONS: "" };
const tls = { TLS_CERT: join(certificates, "server.crt"), TLS_KEY: join(certificates, "server.key") };

/**
 * @typedef {object} Program
 * @property {string} name its folder and file below examples
 * @property {string[]} [args]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {{ name: string, prints: string }} [client] of a server: its client, and a line that it prints
 * @property {{ env: NodeJS.ProcessEnv, url: string }} [beside] of a server: variables of a second one, which starts
 * before it, and the variable of the first for its URL
 * @property {string} [ask] of a server: a method that it serves over Connect, in JSON
 * @property {object} [request] of that method; default: an empty one
 * @property {string} [prints] of a program that ends by itself: a line of its output
 * @property {boolean} [endsBySignal] it does not handle signals
 * @property {{ prints: string, fault: string }} [onDeno] of a program that a fault of Deno's ends: a line before that
 */

/** Seen in a process without our addon, too: its HTTP/2 client frees memory that is not its own. */
export const GOAWAY = "Deno 2.9's HTTP/2 client may crash when a server asks it to leave (GOAWAY)";
export const ALERT = "Deno 2.9's HTTP/2 client never hears that the server refused its certificate";

/**
 * A program with a server and a client of HTTP/2.
 * @param {string} name
 * @param {string} prints the last line
 * @param {string} [beforeTheEnd] a line before its server stops; default: the last one
 * @returns {Program[]}
 */
function inOneProcess(name, prints, beforeTheEnd = prints) {
  return [{ name, prints, onDeno: { prints: beforeTheEnd, fault: GOAWAY } }];
}

/** @type {Program[]} */
export const PROGRAMS = [
  { name: "hello/server", args: ["0"], client: { name: "hello/client", prints: "Hello, Ada!" } },
  { name: "authentication/server", client: { name: "authentication/client", prints: "Good evening, Ada!" } },
  { name: "validation/server", client: { name: "validation/client", prints: "order.gift: a gift is for one" } },
  { name: "validation/fakes", prints: "50 of s-6" },
  {
    name: "catalog/server",
    beside: { env: { SERVICES: "shop.v1.Prices" }, url: "PRICES_URL" },
    env: { SERVICES: "shop.v1.Orders,shop.v1.Stock" },
    client: { name: "catalog/client", prints: "tea, cup, tea: 21.00" },
  },
  { name: "deployment/server", ask: "hello.v1.Greeter/Greet" },
  { name: "web/server", ask: "hello.v1.Greeter/Greet", request: { name: "Ada" } },
  { name: "quickstart/hello-world", ask: "hello.v1.Greeter/Greet", endsBySignal: true },
  { name: "quickstart/quick-start", ask: "hello.v1.Greeter/Greet" },
  { name: "quickstart/production", env: tls },
  { name: "interop/server", args: ["0"], ask: "grpc.testing.TestService/EmptyCall" },
  ...inOneProcess("guide/authentication", "/readyz: 200"),
  ...inOneProcess("guide/errors", "client: [aborted] the day was cut short"),
  { name: "guide/health", prints: "without its database: /livez 200, /readyz 503" },
  { name: "guide/observability", prints: "stopped, and everything is exported" },
  { name: "guide/traced", ask: "hello.v1.Greeter/Greet" },
  { name: "guide/in-process", prints: "[internal] internal error" },
  ...inOneProcess("guide/listening", "Hello, Charles!"),
  ...inOneProcess("guide/shutdown", "stopped", "stopping"),
  ...inOneProcess("guide/streaming", "ended: GreetTogether, GreetEach, GreetAllDay", "10004 characters"),
  {
    name: "guide/tls",
    args: [certificates],
    prints: "without a certificate: refused",
    onDeno: { prints: "Hello, Ada!", fault: ALERT },
  },
  ...inOneProcess("guide/peer", "Hello, Mary of in-process!"),
  {
    name: "mtls/main",
    prints: "with a certificate of another authority: refused",
    onDeno: { prints: "spiffe://shop.example/reports: 1200 cents in all", fault: ALERT },
  },
];

/**
 * Runs one program. Resolves to what went wrong, if something did.
 * @param {Runtime} runtime
 * @param {Program} program
 * @param {string} folder that has `examples`
 */
export async function faultOf(runtime, program, folder) {
  try {
    const { prints, onDeno } = program;
    const place = { runtime, folder };
    if (program.beside !== undefined) await serveBeside(place, program, program.beside);
    else if (prints === undefined) await serve(place, program);
    else if (runtime.name === "Deno" && onDeno !== undefined) await runUntil(place, { ...program, ...onDeno });
    else await runOnce(place, { ...program, prints });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * A program that ends by itself.
 * @param {Place} place
 * @param {{ name: string, args?: string[], env?: NodeJS.ProcessEnv, prints: string }} program
 */
async function runOnce({ runtime: { program, flags }, folder }, { name, args = [], env: own = {}, prints }) {
  const { code, stdout, stderr } = await capture(program, [...flags, `examples/${name}.ts`, ...args], {
    cwd: folder,
    timeoutMs: 30_000,
    env: { ...env, ...own },
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${firstLine(stderr)}`);
  if (!stdout.split("\n").some((line) => line.trim() === prints)) {
    throw new Error(`${name} did not print "${prints}": ${stdout}`);
  }
}

/**
 * A program that may end in any way once it has printed a line.
 * @param {Place} place
 * @param {{ name: string, args?: string[], prints: string }} program
 */
async function runUntil({ runtime: { program, flags }, folder }, { name, args = [], prints }) {
  const child = spawn(program, [...flags, `examples/${name}.ts`, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const closed = once(child, "close");
    const lines = createInterface(child.stdout);
    const printed = new Promise((resolve) => {
      lines.on("line", (line) => line.trim() === prints && resolve(true));
    });
    const found = await Promise.race([printed, closed, once(AbortSignal.timeout(20_000), "abort")]);
    if (found !== true) throw new Error(`${name} did not print "${prints}"`);
  } finally {
    child.kill("SIGKILL");
  }
}

/**
 * Two servers of one program, of which the second is called by the first.
 * @param {Place} place
 * @param {Program} program
 * @param {{ env: NodeJS.ProcessEnv, url: string }} beside
 */
async function serveBeside(place, program, { env: besideEnv, url }) {
  const { name, env: own } = program;
  await serve(place, { name, env: besideEnv }, (address) =>
    serve(place, { ...program, env: { ...own, [url]: `http://${address}` } }),
  );
}

/**
 * A server: starts it, calls it, and stops it by SIGTERM.
 * @param {Place} place
 * @param {Program} program
 * @param {(address: string) => Promise<void>} [meanwhile] runs while it serves
 */
async function serve(
  place,
  { name, args = [], env: own = {}, client, ask, request = {}, endsBySignal = false },
  meanwhile = async () => {},
) {
  const { runtime, folder } = place;
  const command = [...runtime.flags, `examples/${name}.ts`, ...args];
  const child = spawn(runtime.program, command, {
    cwd: folder,
    env: { ...process.env, ...env, ...own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    stderr += chunk;
  });
  try {
    const address = await addressOf(child, closed, () => firstLine(stderr));
    if (client !== undefined) await runOnce(place, { ...client, args: [`http://${address}`] });
    if (ask !== undefined) await call(`http://${address}/${ask}`, request);
    await meanwhile(address);
    child.kill("SIGTERM");
    const patience = AbortSignal.timeout(15_000);
    const [code, signal] = await Promise.race([closed, once(patience, "abort").then(() => ["no end", null])]);
    const isGood = endsBySignal ? signal === "SIGTERM" || code === 143 : code === 0;
    if (!isGood) throw new Error(`after SIGTERM it ended with ${signal ?? code}: ${firstLine(stderr)}`);
  } finally {
    child.kill("SIGKILL");
  }
}

/**
 * @param {{ stdout: import("node:stream").Readable }} child
 * @param {Promise<unknown[]>} closed
 * @param {() => string} complaint
 * @returns {Promise<string>} host and port, as the server prints them
 */
async function addressOf(child, closed, complaint) {
  const lines = createInterface(child.stdout);
  const address = new Promise((resolve) => {
    lines.on("line", (line) => {
      const [, found] = /^Server listening (\S+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const patience = AbortSignal.timeout(20_000);
  const found = await Promise.race([address, closed, once(patience, "abort")]);
  if (typeof found !== "string") throw new Error(`it does not listen: ${complaint()}`);
  return found;
}

/**
 * @param {string} url
 * @param {object} request
 */
async function call(url, request) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
  if (response.status !== 200) throw new Error(`${url} responded with ${response.status}: ${await response.text()}`);
}

/** The first line of an error that says something. @param {string} text */
function firstLine(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "";
}
