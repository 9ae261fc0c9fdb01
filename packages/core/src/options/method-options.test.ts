// The options of a method: the service's take precedence over the server's, and those over the defaults.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Compression, type MethodOptions, resolveMethodOptions } from "./method-options.ts";

const compression = (name: string): Compression => ({
  name,
  compress: async (bytes) => bytes as Uint8Array<ArrayBuffer>,
  decompress: async (bytes) => bytes as Uint8Array<ArrayBuffer>,
});

test("every option has a default", () => {
  assert.deepEqual(resolveMethodOptions({}, "here"), {
    readMaxBytes: 4 * 1024 * 1024,
    writeMaxBytes: 2 ** 32 - 1,
    compressMinBytes: 1024,
    acceptCompression: ["gzip", "br", "zstd"],
    maxTimeoutMs: undefined,
    requireConnectProtocolHeader: false,
    binaryOptions: {},
    jsonOptions: {},
  });
});

const server = {
  readMaxBytes: 1,
  writeMaxBytes: 2,
  compressMinBytes: 3,
  acceptCompression: [compression("br")],
  maxTimeoutMs: 4,
  requireConnectProtocolHeader: true,
  binaryOptions: { writeUnknownFields: false },
  jsonOptions: { alwaysEmitImplicit: true },
} satisfies MethodOptions;

const service = {
  readMaxBytes: 11,
  writeMaxBytes: 12,
  compressMinBytes: 13,
  acceptCompression: [compression("zstd"), compression("gzip")],
  maxTimeoutMs: 14,
  requireConnectProtocolHeader: false,
  binaryOptions: { readUnknownFields: false },
  jsonOptions: { useProtoFieldName: true },
} satisfies MethodOptions;

/** Resolves the options of a service on a server. */
const resolve = (ofServer: MethodOptions, ofService: MethodOptions) =>
  resolveMethodOptions(ofService, "here", { inherited: resolveMethodOptions(ofServer, "here") });

const named = (options: typeof server | typeof service) => ({
  ...options,
  acceptCompression: options.acceptCompression.map(({ name }) => name),
});

for (const option of Object.keys(server) as (keyof typeof server)[]) {
  test(`${option} of a service replaces that of the server`, () => {
    assert.deepEqual(resolve(server, {}), named(server));
    const replaced = resolve(server, { [option]: service[option] });
    assert.deepEqual(
      replaced,
      { ...named(server), [option]: named(service)[option] },
      "replaced, not merged, and no other option changes",
    );
    assert.deepEqual(resolve(server, { [option]: undefined }), named(server));
  });
}

test("readMaxBytes 0 means the limit of the format", () => {
  assert.equal(resolve({ readMaxBytes: 0 }, {}).readMaxBytes, 2 ** 32 - 1);
  assert.equal(resolve({ readMaxBytes: 5 }, { readMaxBytes: 0 }).readMaxBytes, 2 ** 32 - 1);
});

test("a compression listed twice counts once, and an empty list turns compression off", () => {
  const acceptCompression = [compression("br"), compression("gzip"), compression("br")];
  assert.deepEqual(resolve({ acceptCompression }, {}).acceptCompression, ["br", "gzip"]);
  assert.deepEqual(resolve(server, { acceptCompression: [] }).acceptCompression, []);
});

test("a threshold larger than any message is allowed", () => {
  const { compressMinBytes } = resolve({ compressMinBytes: Number.MAX_SAFE_INTEGER }, {});
  assert.equal(compressMinBytes, 2 ** 32 - 1);
});

const wrong: [MethodOptions, string][] = [
  [{ readMaxBytes: -1 }, "here: readMaxBytes must be an integer from 0 to 4294967295, not -1"],
  [{ readMaxBytes: 1.5 }, "here: readMaxBytes must be an integer from 0 to 4294967295, not 1.5"],
  [
    { readMaxBytes: Number.POSITIVE_INFINITY },
    "here: readMaxBytes must be an integer from 0 to 4294967295, not Infinity",
  ],
  [{ writeMaxBytes: 0 }, "here: writeMaxBytes must be an integer from 1 to 4294967295, not 0"],
  [{ compressMinBytes: Number.NaN }, "here: compressMinBytes must be an integer from 0 to 9007199254740991, not NaN"],
  [{ maxTimeoutMs: 0 }, "here: maxTimeoutMs must be an integer from 1 to 9007199254740991, not 0"],
  [{ acceptCompression: [compression("lz4")] }, 'here: acceptCompression has "lz4"; it can have gzip, br, zstd'],
];

for (const [options, message] of wrong) {
  test(message, () => {
    const name = "acceptCompression" in options ? "TypeError" : "RangeError";
    assert.throws(() => resolve({}, options), { name, message });
    assert.throws(() => resolve(options, {}), { name, message });
  });
}
