// Checks that mounted methods can be called over the protocols of the port: bidi streams need HTTP/2. The texts are
// part of the contract, as people search their logs for them.
import type { DescFile, DescMethod } from "@bufbuild/protobuf";
import { EffectiveTransport } from "./effective-transport.ts";

/** The first word of every text of this check, and the `code` of its error. */
export const TRANSPORT_VALIDATION_ERROR_CODE = "CONNECTUM_UNSUPPORTED_STREAMING_TRANSPORT";

/** How bidi methods are treated on a server that speaks HTTP/1.1 only. */
export const TransportValidationMode = {
  /** `start()` rejects. */
  ERROR: "error",
  /** One warning. */
  WARN: "warn",
  /** Nothing. */
  OFF: "off",
} as const;
export type TransportValidationMode = (typeof TransportValidationMode)[keyof typeof TransportValidationMode];

/** A method that needs HTTP/2. */
export interface StreamingMethodInfo {
  /** Full name of its service. */
  readonly service: string;
  /** Its name in the .proto file. */
  readonly method: string;
  /** `bidi_streaming` */
  readonly kind: string;
}

/** Bidi methods are mounted on a server that speaks HTTP/1.1 only. */
export class TransportValidationError extends Error {
  override readonly name = "TransportValidationError";
  readonly code = TRANSPORT_VALIDATION_ERROR_CODE;
  readonly methods: readonly StreamingMethodInfo[];

  constructor(message: string, methods: readonly StreamingMethodInfo[]) {
    super(message);
    this.methods = methods;
  }
}

/** The bidi methods of all services of these files, in the order of files, services and methods. */
export function collectStreamingMethods(registry: readonly DescFile[]): StreamingMethodInfo[] {
  return bidiMethods(registry.flatMap(({ services }) => services.flatMap(({ methods }) => methods)));
}

/**
 * Checks the methods that are mounted, those of protocols left out, for each of the transports. A warning goes to
 * `console.warn`, once.
 *
 * @throws TransportValidationError
 */
export function validateTransport(
  methods: readonly DescMethod[],
  transports: readonly EffectiveTransport[],
  mode: TransportValidationMode,
): void {
  if (mode === TransportValidationMode.OFF || !transports.includes(EffectiveTransport.PLAINTEXT_H1)) return;
  const streaming = bidiMethods(methods);
  if (streaming.length === 0) return;
  const message = unsupported(streaming);
  if (mode === TransportValidationMode.ERROR) throw new TransportValidationError(message, streaming);
  console.warn(message);
}

function bidiMethods(methods: readonly DescMethod[]): StreamingMethodInfo[] {
  return methods
    .filter(({ methodKind }) => methodKind === "bidi_streaming")
    .map((method) => ({ service: method.parent.typeName, method: method.name, kind: method.methodKind }));
}

function listed(methods: readonly StreamingMethodInfo[]): string {
  return methods.map(({ service, method, kind }) => `  - ${service}.${method} (${kind})`).join("\n");
}

function unsupported(methods: readonly StreamingMethodInfo[]): string {
  return `[${TRANSPORT_VALIDATION_ERROR_CODE}] The following bidi-streaming methods require HTTP/2, but the effective transport is plaintext HTTP/1.1 (no TLS, allowHTTP1: true — the default):
${listed(methods)}
Without HTTP/2 these calls fail silently at runtime: the first send hangs forever (or the client receives HTTP 505).
Fix one of:
  1. allowHTTP1: false — plaintext h2c (recommended for internal services);
  2. configure TLS — HTTP/2 via ALPN.
Or downgrade this check: transportValidation: "warn" | "off".`;
}
