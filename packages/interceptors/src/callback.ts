// Functions of the user that are told something: what becomes of them is nothing that a call should suffer from.

import { isThenable } from "@connectum/hooks";
import { complain } from "./complaint.ts";

/** Calls it. What it throws, or what its promise rejects with, goes to the console. */
export function notify(label: string, callback: () => unknown): void {
  const failed = (error: unknown) => complain(`[${label}] the callback failed:`, error);
  try {
    const result = callback();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
