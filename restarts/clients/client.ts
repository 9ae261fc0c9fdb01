// What the load needs of a client.

/** A client of one kind, with one connection at a time. */
export interface Client {
  readonly name: string;
  /** Makes a unary call; rejects with the reason why it failed. */
  echo(text: string): Promise<string>;
  /** Opens a stream that the server never ends by itself; resolves to the code with which it ended. */
  watch(): Promise<string>;
  /** Unary calls that it has made again by itself, where it tells. */
  retried(): number;
  close(): void;
}
