// Authorisation by certificate: an interceptor that knows who may call which method.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { peerKey } from "@connectum/core";

/** The SPIFFE IDs that may call a method, by its full name. What is not in it may be called by nobody. */
export type Policy = ReadonlyMap<string, ReadonlySet<string>>;

export function allow(policy: Policy): Interceptor {
  return (next) => (request) => {
    const { spiffeId } = request.contextValues.get(peerKey).tls?.certificate ?? {};
    if (spiffeId === undefined) throw new ConnectError("no certificate with a SPIFFE ID", Code.Unauthenticated);
    const method = `${request.service.typeName}/${request.method.name}`;
    if (!policy.get(method)?.has(spiffeId)) {
      throw new ConnectError(`${spiffeId} may not call ${method}`, Code.PermissionDenied);
    }
    return next(request);
  };
}
