// One round of an attack: its connections, which end with it, and what it counts.
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ACK,
  dial,
  type Frame,
  FrameConnection,
  frame,
  HEADERS,
  PING,
  RST_STREAM,
  type Scope,
} from "../__test__/support/http2-frames.ts";
import type { Traffic } from "./traffic.ts";

/** The server has read everything that was sent, or has ended the connection. */
export const SEEN = "connections read to their end";
/** The server has ended the connection. */
export const ENDED = "connections ended by the server";
export const GOAWAYS = "GOAWAY";
/** Heads of responses. */
export const ANSWERS = "answers begun";
export const RESETS = "streams reset by the server";

/** A server that has not read everything by then does not read. */
export const SETTLE_MS = 10_000;

export class Round implements Scope {
  readonly port: number;
  readonly seed: number;
  readonly counts: Record<string, number> = {};
  /** Requests that a handler may be started for. */
  calls = 0;
  #bytes = 0;
  #isOver = false;
  readonly #sockets: Socket[] = [];
  readonly #closers: (() => void)[] = [];
  readonly #watched: FrameConnection[] = [];

  /** @param seed of random mutations */
  constructor(port: number, seed: number) {
    this.port = port;
    this.seed = seed;
  }

  after(close: () => void): void {
    this.#closers.push(close);
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  /** Adds bytes that are not sent over a socket of this round. */
  countBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  async connect(): Promise<Socket> {
    const socket = await dial(this, this.port);
    this.#sockets.push(socket);
    return socket;
  }

  /** The frames that it keeps are counted at the end of the round. */
  async connectHttp2(isKept?: (type: number) => boolean): Promise<FrameConnection> {
    const connection = await FrameConnection.open(this, this.port, isKept);
    this.#sockets.push(connection.socket);
    this.#watched.push(connection);
    return connection;
  }

  /** Waits until the server has read what was sent, or has ended the connection. */
  async settle(connection: FrameConnection): Promise<void> {
    const mark = Buffer.from("settled?");
    await connection.send(frame(PING, 0, 0, mark));
    await this.received(
      connection,
      ({ type, flags, payload }) => type === PING && flags === ACK && payload.equals(mark),
    );
    if (connection.isClosed) this.count(ENDED);
    this.count(SEEN);
  }

  /** Waits until so many streams have an answer, or the server has ended the connection. */
  answered(connection: FrameConnection, count: number): Promise<void> {
    const streams = new Set<number>();
    return this.received(connection, ({ type, stream }) => type === HEADERS && streams.add(stream).size >= count);
  }

  /** Waits for a frame, or until the server has ended the connection. */
  async received(connection: FrameConnection, isIt: (frame: Frame) => boolean): Promise<void> {
    const until = performance.now() + SETTLE_MS;
    for (let seen = 0; !connection.isClosed; ) {
      for (; seen < connection.frames.length; seen += 1) {
        const received = connection.frames[seen];
        if (received !== undefined && isIt(received)) return;
      }
      if (performance.now() > until) throw new Error(`the server did not react within ${SETTLE_MS / 1_000} s`);
      await sleep(2); // Frames are kept without an event.
    }
  }

  /** Does something again and again until the round ends. */
  repeat(everyMs: number, work: () => void): void {
    if (this.#isOver) return;
    const timer = setInterval(work, everyMs);
    this.after(() => clearInterval(timer));
  }

  end(): void {
    this.#isOver = true;
    for (const connection of this.#watched) this.#countFrames(connection);
    // Before they are closed, as a socket forgets what it has not sent.
    for (const { bytesWritten } of this.#sockets) this.#bytes += bytesWritten;
    for (const close of this.#closers) close();
  }

  traffic(planned: number, made: number, failures: readonly string[]): Traffic {
    return { planned, made, bytes: this.#bytes, calls: this.calls, counts: this.counts, failures };
  }

  #countFrames({ frames, goaway }: FrameConnection): void {
    if (goaway !== undefined) this.count(GOAWAYS);
    const ofType = (wanted: number) => frames.filter(({ type }) => type === wanted);
    // Trailers are HEADERS, too.
    this.count(ANSWERS, new Set(ofType(HEADERS).map(({ stream }) => stream)).size);
    this.count(RESETS, ofType(RST_STREAM).length);
  }
}
