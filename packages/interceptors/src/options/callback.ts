// Calling the user's callbacks. Their failures must not affect the call.

import { isThenable } from "@connectum/hooks";
import { complain } from "./complaint.ts";

/** Calls it. What it throws, or its promise rejects with, is written to the console. */
export function notify(label: string, callback: () => unknown): void {
  const failed = (error: unknown) => complain(`[${label}] the callback failed:`, error);
  try {
    const result = callback();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
