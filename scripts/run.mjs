// @ts-check
// Runs other programs with a time limit, and leaves no process behind.
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const isWindows = process.platform === "win32";

/** An error that the user can act on: its message is printed, its stack is not. */
export class Failure extends Error {}

/**
 * @typedef {object} RunOptions
 * @property {number} [timeoutMs] after this the program and its children are killed; default ten minutes
 * @property {string} [cwd] default: the root of the repository
 * @property {NodeJS.ProcessEnv} [env] added to this process's environment
 */

/**
 * Runs a program whose output goes to the terminal. Rejects with a `Failure` unless it exits with 0.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export async function run(command, args, options = {}) {
  const { code } = await execute(command, args, "inherit", options);
  if (code !== 0) throw new Failure(`${title(command, args)} failed: exit code ${code}.`);
}

/**
 * Runs a program and returns its output. An exit code other than 0 is not an error here.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function capture(command, args, options = {}) {
  return execute(command, args, "pipe", options);
}

/**
 * The body of a script: prints a failure in one line and exits with code 1.
 * @param {() => Promise<void>} body
 */
export function main(body) {
  body().catch((error) => {
    console.error(error instanceof Failure ? `error: ${error.message}` : error);
    process.exit(1);
  });
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {"inherit" | "pipe"} output
 * @param {RunOptions} options
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
function execute(command, args, output, { timeoutMs = 600_000, cwd = root, env = {} }) {
  return new Promise((resolve, reject) => {
    // A separate process group, so that the time limit also reaches the program's children.
    const child = spawn(isWindows && isBatchFile(command) ? `"${command}.cmd"` : command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
      detached: !isWindows,
      // Windows starts batch files only in a shell.
      shell: isWindows && isBatchFile(command),
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (stderr += text));

    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(child.pid, "SIGKILL");
    }, timeoutMs);
    // The terminal's Ctrl-C goes to the foreground group only, so it is passed on explicitly.
    const interrupted = (/** @type {NodeJS.Signals} */ signal) => {
      killGroup(child.pid, signal);
      process.exit(130);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    const over = () => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    };

    child.once("error", (error) => {
      over();
      reject(new Failure(`${title(command, args)} could not be started: ${error.message}.`));
    });
    child.once("close", (code, signal) => {
      over();
      if (late)
        reject(new Failure(`${title(command, args)} did not end within ${timeoutMs / 1000} s and was stopped.`));
      else if (code === null) reject(new Failure(`${title(command, args)} was ended by ${signal}.`));
      else resolve({ code, stdout, stderr });
    });
  });
}

/**
 * Whether a program is a script of npm's, which are batch files on Windows.
 * @param {string} command
 */
function isBatchFile(command) {
  return command === "npm" || command === "npx" || dirname(command).endsWith(".bin");
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function killGroup(pid, signal) {
  if (pid === undefined) return;
  if (isWindows) {
    spawn("taskkill", ["/pid", `${pid}`, "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended in the meantime.
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function title(command, args) {
  const line = [command, ...args].join(" ");
  return `"${line.length > 100 ? `${line.slice(0, 97)}...` : line}"`;
}
