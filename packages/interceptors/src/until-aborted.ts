// Work that is given up when its call is.
import { onAbort } from "@connectum/hooks";
import type { AnyRequest } from "./chain.ts";
import { connectErrorOf } from "./connect-error.ts";

/**
 * Settles as the work does, or rejects when the request's signal aborts first: with its reason, as a `ConnectError`. Work whose
 * request is given up already is not begun.
 */
export function untilAborted<T>(request: AnyRequest, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isAborted = false;
    const unwatch = onAbort(request, (reason) => {
      isAborted = true;
      reject(connectErrorOf(reason));
    });
    if (isAborted) return;
    const fail = (error: unknown) => {
      unwatch();
      reject(error);
    };
    try {
      work().then((value) => {
        unwatch();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
