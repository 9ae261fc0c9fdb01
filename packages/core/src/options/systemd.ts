// The sockets that systemd passes to a process, as sd_listen_fds(3) finds them.
import process from "node:process";
import { EnvVarError } from "./env.ts";

/** The first descriptor that is passed: `SD_LISTEN_FDS_START`. */
const FIRST = 3;
/** No unit has so many sockets. */
const MOST = 65_535;

/**
 * The descriptors of all sockets that were passed.
 *
 * @throws EnvVarError when `LISTEN_PID` is not this process, or `LISTEN_FDS` is not the number of sockets
 */
export function descriptorsFromSystemd(env: NodeJS.ProcessEnv = process.env, pid: number = process.pid): number[] {
  const [receiver, count] = [env["LISTEN_PID"], env["LISTEN_FDS"]];
  const missing = receiver === undefined ? "LISTEN_PID" : "LISTEN_FDS";
  if (receiver === undefined || count === undefined) {
    const reason = "no socket unit has passed sockets to this process, or another server of it has taken them";
    throw new EnvVarError(missing, `is not set, which the host "systemd" needs: ${reason}`);
  }
  if (receiver !== String(pid)) {
    const reason = "the sockets are for another process, perhaps the shell or npm that started this one";
    throw new EnvVarError("LISTEN_PID", `should be ${pid}, the id of this process, not "${receiver}": ${reason}`);
  }
  const sockets = Number(count);
  if (!/^[1-9]\d*$/.test(count) || sockets > MOST) {
    throw new EnvVarError("LISTEN_FDS", `should be the number of sockets that were passed, not "${count}"`);
  }
  return Array.from({ length: sockets }, (_, index) => FIRST + index);
}

/** They are taken: neither another server nor a child process is to take them for its own. */
export function forgetSystemd(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of ["LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
}
