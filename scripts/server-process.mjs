// @ts-check
// A server as a process of its own, which says where it is by printing an http:// or https:// address.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure, root } from "./run.mjs";

/**
 * @typedef {object} ServerProcess
 * @property {string} url
 * @property {number} pid
 * @property {Promise<unknown>} exited resolves with the exit code, or the signal, when the process has ended
 * @property {() => Promise<void>} stop sends SIGTERM; rejects unless the process then ends with exit code 0
 * @property {() => Promise<void>} kill ends the process where it is, and waits until it is gone
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
 * @param {string} name what errors call it
 * @returns {Promise<ServerProcess>}
 */
export async function startProgram(line, name) {
  const [command = "", ...rest] = line;
  const child = spawn(command, rest, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  // Whatever ends this script, also an error or Ctrl-C, the server does not outlive it.
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
      if (how !== 0) throw new Failure(`${name} did not stop as it should: ${how} instead of exit code 0.`);
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
    // Reading goes on after the first address: a full pipe would block the server.
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
