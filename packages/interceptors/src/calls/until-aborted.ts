// Work that ends when its call is aborted.
import { onAbort } from "@connectum/hooks";
import type { AnyRequest } from "./chain.ts";
import { connectErrorOf } from "./connect-error.ts";

/**
 * Settles as the work does; if the request is aborted first, rejects with the reason as a `ConnectError`. If it has
 * been aborted already, the work is not started.
 */
export function untilAborted<T>(request: AnyRequest, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isAborted = false;
    const stop = onAbort(request, (reason) => {
      isAborted = true;
      reject(connectErrorOf(reason));
    });
    if (isAborted) return;
    const fail = (error: unknown) => {
      stop();
      reject(error);
    };
    try {
      work().then((value) => {
        stop();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
