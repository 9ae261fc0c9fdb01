// Clients in process.
import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { Server } from "@connectum/core";
import { assertMethods } from "@connectum/hooks";

/**
 * A client of a server in the same process, which need not be started: `server.localClient(service)`. The server's
 * interceptors run. A service that it does not have fails when it is called, with `unimplemented`.
 *
 * @throws TypeError for anything but a server and the descriptor of a service
 */
export function createLocalClient<T extends DescService>(server: Server, service: T): Client<T> {
  if (server === undefined) throw new TypeError("createLocalClient: the server is missing");
  assertMethods("createLocalClient", "the server", server, ["localClient"]);
  return server.localClient(service);
}
