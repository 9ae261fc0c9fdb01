// The URL and the headers of a call, decoded when somebody looks at them: most handlers never do.
import type { Buffer } from "node:buffer";
import { headersOf, urlOf } from "./metadata.ts";

export class CallHead {
  #text: string | undefined;
  #block: Buffer | undefined;
  readonly #begin: number;
  readonly #end: number;

  /** @param head the text, or memory in which it is, as Latin-1, from `begin` to `end` */
  constructor(head: string | Buffer, begin = 0, end = 0) {
    if (typeof head === "string") this.#text = head;
    else this.#block = head;
    this.#begin = begin;
    this.#end = end;
  }

  get url(): string {
    return urlOf(this.#decode());
  }

  /** Made anew each time. */
  get headers(): Headers {
    return headersOf(this.#decode());
  }

  /** Lets go of the memory that it is in. */
  keep(): void {
    this.#decode();
  }

  #decode(): string {
    if (this.#text === undefined) {
      this.#text = this.#block?.toString("latin1", this.#begin, this.#end) ?? "";
      this.#block = undefined;
    }
    return this.#text;
  }
}
