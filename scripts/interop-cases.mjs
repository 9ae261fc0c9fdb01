// @ts-check
// grpc-go's interoperability client, and its 16 cases that need no cloud.
import { ensureJudge } from "./judge.mjs";

const client = { name: "client", module: "google.golang.org/grpc/interop/client", version: "v1.83.1" };

const soak = ["--soak_iterations=100", "--soak_overall_timeout_seconds=30"];

/** The cases, each with the flags it needs. @type {ReadonlyMap<string, string[]>} */
export const interopCases = new Map([
  ["empty_unary", []],
  ["large_unary", []],
  ["client_streaming", []],
  ["server_streaming", []],
  ["ping_pong", []],
  ["empty_stream", []],
  ["timeout_on_sleeping_server", []],
  ["cancel_after_begin", []],
  ["cancel_after_first_response", []],
  ["status_code_and_message", []],
  ["special_status_message", []],
  ["custom_metadata", []],
  ["unimplemented_method", []],
  ["unimplemented_service", []],
  ["rpc_soak", soak],
  ["channel_soak", soak],
]);

/** The path of the client, installed on first use. */
export function ensureInteropClient() {
  return ensureJudge(client);
}
