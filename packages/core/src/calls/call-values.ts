// The context values of a call: the application's, and who has made the call.
import { type ContextKey, type ContextValues, createContextValues } from "@connectrpc/connect";
import { type Peer, peerKey } from "../options/peer.ts";

/** Values that know the peer of a call under `peerKey`. It is asked for on first use. */
export class CallValues implements ContextValues {
  readonly #call: { readonly peer: Peer };
  #values: ContextValues | undefined;
  #hasOwnPeer = false;

  /** @param values all others. Default: none, until some are set */
  constructor(call: { readonly peer: Peer }, values?: ContextValues) {
    this.#call = call;
    this.#values = values;
  }

  get<T>(key: ContextKey<T>): T {
    if (key.id === peerKey.id && !this.#hasOwnPeer) return this.#call.peer as T;
    return this.#values === undefined ? key.defaultValue : this.#values.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): this {
    if (key.id === peerKey.id) this.#hasOwnPeer = true;
    this.#values ??= createContextValues();
    this.#values.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    if (key.id === peerKey.id) this.#hasOwnPeer = false;
    this.#values?.delete(key);
    return this;
  }
}
