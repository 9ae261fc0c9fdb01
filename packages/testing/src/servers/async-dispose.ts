// What `await using` calls at the end of a block.

/** Node before 18.18 has no `Symbol.asyncDispose`; compilers of `await using` take this one there. */
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
