// An option that may be given several times: citty keeps the last.

/** All values of `--name value` and `--name=value`. */
export function repeated(rawArgs: readonly string[], name: string): string[] {
  return rawArgs.flatMap((arg, place) => {
    if (arg.startsWith(`--${name}=`)) return [arg.slice(name.length + 3)];
    const next = rawArgs[place + 1];
    return arg === `--${name}` && next !== undefined ? [next] : [];
  });
}
