// Wrong options of one service: the last argument of router.service() and defineService().
import type { ConnectRouter } from "@connectrpc/connect";
import type { ServiceOptions } from "@connectum/core";
import { EchoService } from "../../proto/gen/connectum/test/v1/echo_pb.ts";
import type { OptionsObject } from "./options-object.ts";
import { start } from "./server.ts";

const where = "connectum.test.v1.EchoService";
const integer = (option: string, least: number, most: number, given: string, name = "RangeError") =>
  `${name}: ${where}: ${option} must be an integer from ${least} to ${most}, not ${given}`;

export const service: OptionsObject<ServiceOptions> = {
  name: where,
  prefix: "",
  use: (options) =>
    start({ services: [(router: ConnectRouter) => router.service(EchoService, {}, options as object)] }),
  wrong: {
    readMaxBytes: [
      [{ readMaxBytes: -1 }, integer("readMaxBytes", 0, 0xffff_ffff, "-1")],
      [{ readMaxBytes: "4m" }, integer("readMaxBytes", 0, 0xffff_ffff, '"4m"', "TypeError")],
    ],
    writeMaxBytes: [[{ writeMaxBytes: 0 }, integer("writeMaxBytes", 1, 0xffff_ffff, "0")]],
    compressMinBytes: [[{ compressMinBytes: 0.5 }, integer("compressMinBytes", 0, Number.MAX_SAFE_INTEGER, "0.5")]],
    maxTimeoutMs: [[{ maxTimeoutMs: 0 }, integer("maxTimeoutMs", 1, Number.MAX_SAFE_INTEGER, "0")]],
    acceptCompression: [
      [{ acceptCompression: ["lz4"] }, `TypeError: ${where}: acceptCompression has "lz4"; it can have gzip, br, zstd`],
    ],
    requireConnectProtocolHeader: [
      [
        { requireConnectProtocolHeader: 1 },
        `TypeError: ${where}: requireConnectProtocolHeader must be true or false, not 1`,
      ],
    ],
    binaryOptions: [[{ binaryOptions: [] }, `TypeError: ${where}: binaryOptions must be an object, not an array`]],
    jsonOptions: [[{ jsonOptions: "strict" }, `TypeError: ${where}: jsonOptions must be an object, not "strict"`]],
    interceptors: [
      [{ interceptors: () => {} }, `TypeError: ${where}: interceptors must be an array, not a function`],
      [{ interceptors: [null] }, `TypeError: ${where}: interceptors[0] must be a function, not null`],
    ],
    shutdownSignal: [
      [{ shutdownSignal: {} }, `TypeError: ${where}: shutdownSignal must be an AbortSignal, not an object`],
    ],
  },
};
