// Runs buf, which is a dependency: it is found without a PATH.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { CliError, EXIT } from "../failures/cli-error.ts";

/**
 * Runs `buf` with the terminal of this process, without a shell.
 *
 * @throws CliError if it is not installed, or fails
 */
export async function runBuf(args: readonly string[]): Promise<void> {
  const script = bufScript();
  // The plugins that a template names are in node_modules of the project, as for a script of npm.
  const path = [join(process.cwd(), "node_modules", ".bin"), process.env["PATH"]].filter(Boolean);
  const env = { ...process.env, PATH: path.join(process.platform === "win32" ? ";" : ":") };
  const child = spawn(process.execPath, [script, ...args], { stdio: "inherit", env });
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once("error", reject).once("exit", (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) throw new CliError(`buf ${args[0]} failed (${code}); it has said why above`, EXIT.buf);
}

function bufScript(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json")), "bin", "buf");
  } catch (cause) {
    const what = "buf is not installed: npm install --save-dev @bufbuild/buf";
    throw new CliError(what, EXIT.buf, { cause });
  }
}
