// @ts-check
// Programs that come with the operating system.
import { capture, Failure } from "./run.mjs";

/**
 * Installs a system program if it is missing, when run as root on a system with apt-get.
 * @param {string} program
 * @param {string} debian the package that contains it
 */
export async function ensureProgram(program, debian) {
  if (await isThere(program)) return;
  const byHand = new Failure(`${program} is missing. Install it: apt-get install ${debian}`);
  if (process.getuid?.() !== 0 || !(await isThere("apt-get"))) throw byHand;
  console.log(`installing ${debian}, for ${program}`);
  const install = () => capture("apt-get", ["install", "--yes", "--no-install-recommends", debian]);
  // A fresh system has no package lists yet.
  const { code } = await install();
  if (code !== 0) await capture("apt-get", ["update"]);
  if (code !== 0 && (await install()).code !== 0) throw byHand;
}

/** @param {string} program */
async function isThere(program) {
  const found = await capture(program, ["--version"]).catch(() => null);
  return found !== null;
}
