// The load that a server gets before it is measured.

/**
 * Increases the load until the server has used this much CPU time. Returns calls per second of its CPU time.
 * @param loaded makes calls, and resolves to the CPU time that they cost
 * @param least the number of calls of the first load, which is the smallest
 * @param seconds of the server's CPU time
 */
export async function warmUp(
  loaded: (calls: number) => Promise<{ cpuSeconds: number }>,
  least: number,
  seconds: number,
): Promise<number> {
  let [calls, spent, longest, callsPerCpuSecond] = [least, 0, 0, 0];
  while (spent < seconds) {
    const { cpuSeconds } = await loaded(calls);
    spent += cpuSeconds;
    if (cpuSeconds >= longest) [longest, callsPerCpuSecond] = [cpuSeconds, calls / cpuSeconds];
    // A little more than the remaining time, since a warmer server is faster. At most four times as many, since a short
    // run is a rough estimate.
    const wanted = Math.ceil(1.2 * callsPerCpuSecond * (seconds - spent));
    calls = Math.max(least, Math.min(4 * calls, wanted));
  }
  return callsPerCpuSecond;
}
