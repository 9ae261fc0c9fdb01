// The authority of a request: `Host` and `:authority`.
import { only, type ParityTable } from "../parity-case.ts";
import { connectUnary } from "../request.ts";

function forAuthority(authority: string | null, extra: ParityTable[string] = connectUnary("Echo", { text: "a" })) {
  if (extra.request instanceof Uint8Array) throw new TypeError("bytes have their own authority");
  return { ...extra, request: { ...extra.request, authority } };
}

const table: ParityTable = {
  "a name": forAuthority("localhost"),
  "a name and a port": forAuthority("localhost:1"),
  IPv6: forAuthority("[::1]:80"),
  "an empty port": forAuthority("localhost:"),
  "no authority": forAuthority("a b<>"),
  "only a bracket": forAuthority("["),
  "port 99999": forAuthority("localhost:99999"),
  "a port that is no number": forAuthority("localhost:x"),
  "user information": forAuthority("user@localhost"),
  "a path": forAuthority("localhost/a"),
  "bytes beyond ASCII": forAuthority("\xe9"),
};

export default {
  ...table,
  ...only("1.1", { empty: forAuthority("") }),
  ...only("2", {
    "none, and a host": forAuthority(null, connectUnary("Echo", { text: "a" }, { headers: [["host", "localhost"]] })),
    "both, and they agree": forAuthority("localhost", connectUnary("Echo", {}, { headers: [["host", "localhost"]] })),
    "both, and they disagree": forAuthority("localhost", connectUnary("Echo", {}, { headers: [["host", "other"]] })),
  }),
};
