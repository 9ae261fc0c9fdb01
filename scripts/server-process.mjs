// @ts-check
// A TypeScript server as a process of its own, which says where it is by printing an http:// or https:// address.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure, root } from "./run.mjs";

/**
 * @typedef {object} ServerProcess
 * @property {string} url
 * @property {number} pid
 * @property {() => Promise<void>} stop sends SIGTERM; rejects unless the process then ends with exit code 0
 */

/**
 * Starts `file` and waits until it listens.
 * @param {string} file from the root of the repository
 * @param {string[]} args
 * @param {string[]} prefix a command to start Node with, like `taskset -c 0`
 * @returns {Promise<ServerProcess>}
 */
export async function startServer(file, args, prefix = []) {
  const [command = "", ...rest] = [...prefix, process.execPath, "--import", "tsx", file, ...args];
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

  const url = await within(20_000, `${file} did not listen`, Promise.race([addressFrom(child.stdout), ended]));
  if (typeof url !== "string" || !url.startsWith("http"))
    throw new Failure(`${file} ended before it listened: ${url}.`);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      const how = await within(10_000, `${file} did not stop`, ended);
      if (how !== 0) throw new Failure(`${file} did not stop as it should: ${how} instead of exit code 0.`);
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
