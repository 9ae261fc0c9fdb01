// The limit of the runtime's timers.

/** The longest delay of `setTimeout` and `setInterval`, in milliseconds. A longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
