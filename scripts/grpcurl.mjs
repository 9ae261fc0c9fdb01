// @ts-check
// Installs grpcurl, pinned: a client, and a judge of reflection.
import { ensureJudge } from "./judge.mjs";

export const grpcurlVersion = "v1.9.3";

/** The path of grpcurl. */
export function ensureGrpcurl() {
  return ensureJudge({
    name: "grpcurl",
    module: "github.com/fullstorydev/grpcurl/cmd/grpcurl",
    version: grpcurlVersion,
  });
}
