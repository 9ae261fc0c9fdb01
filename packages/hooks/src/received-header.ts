// `connectum.receivedHeader`: a header of a request, without a `Headers`, which costs as much as some interceptors.

/**
 * The key under which requests may have a function of a request and a name, which returns the header's value as it came
 * off the wire, null if there is none, or undefined: then `request.header` has to be asked, as somebody may have
 * changed it. Requests of a `@connectum/core` server have one.
 */
export const RECEIVED_HEADER = Symbol.for("connectum.receivedHeader");

/** What `request.header.get(name)` returns. As long as nobody has looked at `request.header`, it is not made. */
export function headerOf(request: { readonly header: Headers }, name: string): string | null {
  const read: unknown = Reflect.get(request, RECEIVED_HEADER);
  // The request is an argument: a proxy that has another header must not be taken for the request behind it.
  const value: unknown = typeof read === "function" ? read(request, name) : undefined;
  return typeof value === "string" || value === null ? value : request.header.get(name);
}
