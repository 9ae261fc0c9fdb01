// What the soak and its server's process say to each other.

/** The two servers that live as long as the process. */
export interface Addresses {
  readonly clear: string;
  readonly secure: string;
}

/** What the process holds at one moment, after a garbage collection. */
export interface Inventory {
  /** Bytes of all memory of the process, JavaScript's and Rust's. */
  readonly rss: number;
  /** Bytes of objects of JavaScript. */
  readonly heap: number;
  /** Bytes of buffers outside of JavaScript's heap. */
  readonly arrayBuffers: number;
  readonly descriptors: number;
  /** Handlers that have begun and not ended: each by its method, protocol and signal. */
  readonly handlers: readonly string[];
  /** Calls whose context something still refers to. */
  readonly contexts: number;
  /** Lines of the log that nobody expects. */
  readonly log: readonly string[];
}

/** How a server that is started for a moment is to be. */
export interface MomentOptions {
  /** 0 for a free one. */
  readonly port: number;
  readonly secure: boolean;
  readonly interceptors: boolean;
  /** Milliseconds that calls in flight may take when it stops. */
  readonly timeout: number;
}

/** Milliseconds that a stop took. */
export interface Stopped {
  readonly ms: number;
}

export type Command =
  | { readonly name: "inventory" }
  /** Starts a server that lives for a moment; the answer is its address. */
  | { readonly name: "start"; readonly options: MomentOptions }
  /** Stops it. */
  | { readonly name: "stop" }
  /** Stops the servers that live as long as the process. */
  | { readonly name: "end" };

export interface Question {
  readonly id: number;
  readonly command: Command;
}

/** The first one has the id 0, and comes without a question: the addresses. */
export type Answer =
  | { readonly id: number; readonly value: Addresses | Inventory | Stopped | string }
  | { readonly id: number; readonly error: string };
