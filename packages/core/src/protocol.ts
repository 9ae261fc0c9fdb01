// Extra protocols beside the services: their registration.
import type { DescFile } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";

/** What a protocol is told about the server it joins. */
export interface ProtocolContext {
  /** The files of the services registered before, in order of registration. */
  readonly registry: ReadonlyArray<DescFile>;
}

/** An extra protocol: RPCs of its own beside the services of the application. */
export interface ProtocolRegistration {
  readonly name: string;
  register(router: ConnectRouter, context: ProtocolContext): void;
}
