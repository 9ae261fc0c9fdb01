// @ts-check
// A server in its own process, which prints its http:// or https:// address.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure, root } from "./run.mjs";

/**
 * @typedef {object} ServerProcess
 * @property {string} url
 * @property {number} pid
 * @property {Promise<unknown>} exited resolves with the exit code, or the signal, when the process has ended
 * @property {() => Promise<void>} stop sends SIGTERM; rejects unless the process then ends with exit code 0
 * @property {() => Promise<void>} kill kills the process, and waits until it has ended
 */

/**
 * Starts `file`, in TypeScript, and waits until it listens.
 * @param {string} file from the root of the repository
 * @param {string[]} args
 * @returns {Promise<ServerProcess>}
 */
export function startServer(file, args) {
  return startProgram([process.execPath, "--import", "tsx", file, ...args], file);
}

/**
 * Starts a server and waits until it listens.
 * @param {string[]} line the command and its arguments
 * @param {string} name its name in errors
 * @returns {Promise<ServerProcess>}
 */
export async function startProgram(line, name) {
  const [command = "", ...rest] = line;
  const child = spawn(command, rest, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  // The server does not outlive this script, even if an error or Ctrl-C ends it.
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("exit", kill);
      resolve(code ?? signal);
    });
  });

  const url = await within(20_000, `${name} did not listen`, Promise.race([addressFrom(child.stdout), ended]));
  if (typeof url !== "string" || !url.startsWith("http"))
    throw new Failure(`${name} ended before it listened: ${url}.`);
  return {
    url,
    pid: child.pid ?? 0,
    exited: ended,
    async stop() {
      child.kill("SIGTERM");
      const how = await within(10_000, `${name} did not stop`, ended);
      if (how !== 0) throw new Failure(`${name} did not stop with exit code 0, but with ${how}.`);
    },
    async kill() {
      kill();
      await within(10_000, `${name} did not end`, ended);
    },
  };
}

/**
 * @param {import("node:stream").Readable} output
 * @returns {Promise<string>}
 */
function addressFrom(output) {
  return new Promise((resolve) => {
    // Reading continues after the address, because a full pipe would block the server.
    createInterface(output).on("line", (line) => {
      const url = /https?:\/\/\S+/.exec(line)?.[0];
      if (url !== undefined) resolve(url);
    });
  });
}

/**
 * @template T
 * @param {number} timeoutMs
 * @param {string} complaint
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(timeoutMs, complaint, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`${complaint} within ${timeoutMs / 1000} s.`)), timeoutMs);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}
