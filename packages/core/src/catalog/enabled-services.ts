// Lists of the services that a process mounts, and of the headers that it passes on.

/**
 * The names in a text such as the value of a variable: separated by commas, without spaces around them. `""`, null and
 * undefined are no names, and `enabledServices` with no names mounts nothing.
 */
export function parseServicesEnv(value: string | undefined | null): string[] {
  return (value ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/**
 * The names that match a pattern, in their order. `*` stands for any characters, dots included, or for none; all else
 * stands for itself.
 */
export function matchServicesPattern(pattern: string, names: readonly string[]): string[] {
  const [first = "", ...others] = pattern.split("*");
  if (others.length === 0) return names.filter((name) => name === pattern);
  const last = others.pop() as string;
  return names.filter((name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    // The first place of each part leaves the most room for the others.
    for (const part of others) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return name.length - at >= last.length && name.endsWith(last);
  });
}

/** Each name of the lists once, in the order in which they appear first. */
export function mergeEnabledServices(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/**
 * Headers that a trace needs (W3C Trace Context), for `propagateHeaders`. `authorization` is not among them: whether a
 * service may act with the rights of its caller is for the application to decide.
 */
export const defaultPropagateHeaders: readonly string[] = Object.freeze(["traceparent", "tracestate"]);
