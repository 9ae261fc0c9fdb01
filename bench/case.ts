// What a case is: the calls that are sent, what they are answered with, to which servers, and what is expected of the
// figures.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { Code } from "@connectrpc/connect";
import type { Variant } from "./peers/variant.ts";

/** The folders of `peers/`. The first is what the figures are about. */
export type ServerName = "connectum" | "connect-node" | "grpc-js" | "limit";

/** One kind of call, sent to several servers in the same run. */
export interface Case {
  /** In kebab-case, as the file is called. */
  readonly name: string;
  readonly title: string;
  /** Beside ours. */
  readonly peers: readonly Exclude<ServerName, "connectum">[];
  /** How the servers are set up. Default `plain`. */
  readonly variant?: Variant;
  readonly protocol: "connect" | "grpc" | "grpc-web";
  /** Default false: protobuf. */
  readonly json?: boolean;
  /** Whether requests are compressed, and compressed responses are asked for. Default false. */
  readonly gzip?: boolean;
  readonly method: DescMethod;
  readonly requests: readonly Message[];
  /** Empty for a call that fails. */
  readonly responses: readonly Message[];
  /** Of a call that fails. */
  readonly failure?: Code;
  /** Header fields that are sent, and that are looked for in the answer. */
  readonly sends?: Readonly<Record<string, string>>;
  readonly expects?: Readonly<Record<string, string>>;
  /** Connections, and calls at a time on each. Default 4 and 16. */
  readonly load?: { readonly connections: number; readonly concurrency: number };
  /** What is expected. Default: nothing, the case is for comparison. */
  readonly targets?: Targets;
}

/**
 * CPU time against ours: how often the peer needs what we need, at least; how often we need what `limit` needs, at
 * most.
 */
export interface Targets {
  readonly "connect-node"?: number;
  readonly "grpc-js"?: number;
  readonly limit?: number;
  /** CPU µs for each message that may be spent beside protobuf-es, at most. */
  readonly overCodec?: number;
}

/** How many messages, or pairs of them, one call has: figures of streams are read by the message. */
export function messagesPerCall({ requests, responses }: Case): number {
  return Math.max(requests.length, responses.length);
}
