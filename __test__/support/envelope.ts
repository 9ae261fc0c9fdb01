// The envelope of gRPC, gRPC-Web and Connect streams: a byte of flags, a length of four bytes, the message.

/** The message is compressed. */
export const COMPRESSED = 0b0000_0001;
/** Connect: this is the end-stream message. */
export const END_STREAM = 0b0000_0010;
/** gRPC-Web: these are the trailers. */
export const TRAILERS = 0b1000_0000;

const HEAD_BYTES = 5;

export interface Envelope {
  readonly flags: number;
  readonly data: Uint8Array;
}

/** An envelope as bytes. `length` is the length in its prefix, which is false if it is not the size of `data`. */
export function envelope(data: Uint8Array, flags = 0, length = data.byteLength): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, data]);
}

/** The envelopes in `body`, and the bytes after the last complete one. */
export function splitEnvelopes(body: Uint8Array): { envelopes: Envelope[]; rest: Uint8Array } {
  const envelopes: Envelope[] = [];
  let rest = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  while (rest.length >= HEAD_BYTES) {
    const end = HEAD_BYTES + rest.readUInt32BE(1);
    if (rest.length < end) break;
    envelopes.push({ flags: rest.readUInt8(0), data: rest.subarray(HEAD_BYTES, end) });
    rest = rest.subarray(end);
  }
  return { envelopes, rest };
}
