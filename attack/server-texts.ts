// The texts of requests that make the handlers of the attacked server do something special.

/** The call gets no further response: its handler waits until the client leaves. */
export const WAIT = "wait";
/** The handler of a stream reads no more, and waits until the client leaves. */
export const STAND = "stand";
/** Followed by a number: the response has so many bytes, which cannot be compressed. */
export const BIG = "big:";
/** The calls of the client that behaves. */
export const BYSTANDER = "bystander";
