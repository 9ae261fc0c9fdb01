// Raw HTTP/2 frames, for what no client library sends or shows (RFC 9113 section 6).
import { once } from "node:events";
import { Socket } from "node:net";
import { SERVICE } from "./grpc-session.ts";

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;

const HEAD_BYTES = 9;

/** The first bytes of a client: the preface, and empty SETTINGS. */
export const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(SETTINGS, 0, 0)]);

/** A test, or whatever else closes what it has opened. */
export interface Scope {
  after(close: () => void): void;
}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A payload of integers, four bytes each. */
export function uint32(...values: number[]): Buffer {
  const payload = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) payload.writeUInt32BE(value, 4 * at);
  return payload;
}

export const resetFrame = (stream: number, code: number) => frame(RST_STREAM, 0, stream, uint32(code));

/** HPACK without indexing or Huffman coding (RFC 7541 section 6.2.2); values of at most 126 bytes. */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  const literals = fields.flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value, "latin1"),
  ]);
  return Buffer.concat(literals);
}

/** The fields that begin a gRPC call of the echo service. */
export const callFields = (method: string): [string, string][] => [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", `${SERVICE}/${method}`],
  [":authority", "localhost"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];

/** The head of a gRPC call. */
export function headersFrame(stream: number, method: string): Buffer {
  return frame(HEADERS, END_HEADERS, stream, headerBlock(callFields(method)));
}

/** A connection at the level of frames. It has sent the preface; received frames are read, and kept on request. */
export class FrameConnection {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  readonly #isKept: (type: number) => boolean;
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket, isKept: (type: number) => boolean) {
    this.socket = socket;
    this.#isKept = isKept;
    socket.on("data", (bytes) => this.#read(bytes));
  }

  /** Closed at the end of its scope. Frames of every type are kept, unless `isKept` returns false. */
  static async open(t: Scope, port: number, isKept = (_: number) => true): Promise<FrameConnection> {
    const connection = new FrameConnection(await dial(t, port), isKept);
    connection.socket.write(PREFACE);
    return connection;
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  /**
   * Resolves when the kernel has the bytes, or the connection has ended; false if neither happens within `timeoutMs`.
   */
  async send(bytes: Uint8Array, timeoutMs = 5_000): Promise<boolean> {
    if (this.isClosed || this.socket.write(bytes)) return true;
    const signal = AbortSignal.timeout(timeoutMs);
    const ends = ["drain", "close"].map((event) => once(this.socket, event, { signal }));
    return Promise.race(ends).then(
      () => true,
      () => this.isClosed,
    );
  }

  /** The frames of one stream. */
  of(stream: number): Frame[] {
    return this.frames.filter((candidate) => candidate.stream === stream);
  }

  /** The error code of the received GOAWAY; undefined before there is one. */
  get goaway(): number | undefined {
    return this.frames.find(({ type }) => type === GOAWAY)?.payload.readUInt32BE(4);
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.length < HEAD_BYTES ? Number.POSITIVE_INFINITY : HEAD_BYTES + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      const type = this.#rest.readUInt8(3);
      if (this.#isKept(type)) {
        this.frames.push({
          type,
          flags: this.#rest.readUInt8(4),
          stream: this.#rest.readUInt32BE(5) & 0x7fff_ffff,
          payload: Buffer.from(this.#rest.subarray(HEAD_BYTES, end)),
        });
      }
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** A raw connection, closed at the end of its scope. Its errors are ignored: a close follows them. */
export async function dial(t: Scope, port: number): Promise<Socket> {
  const socket = new Socket();
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}
