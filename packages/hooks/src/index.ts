// The exports of `@connectum/hooks`.
export { around } from "./around.ts";
export {
  BUILT_IN_PROTOCOL,
  type BuiltInProtocol,
  builtInProtocolOf,
  type HealthSink,
  type HealthState,
  type ReflectionState,
  withBuiltInProtocol,
} from "./built-in-protocol.ts";
export { CallSignal } from "./call-signal.ts";
export { FACTORY, factoryCallOf, markFactory } from "./interceptor-factory.ts";
export { assertInterceptors } from "./interceptor-list.ts";
export {
  assertKnownKeys,
  type Keys,
  nearestName,
  type OptionsPlace,
  unknownKeys,
} from "./known-keys.ts";
export { type CallObserver, OBSERVABLE_CALL, type ObservableCall, observableCallOf } from "./observable-call.ts";
export { type Abortable, type AbortListener, ON_ABORT, onAbort } from "./on-abort.ts";
export {
  assertArray,
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertString,
  assertStrings,
} from "./option-checks.ts";
export { type CallPeer, callPeerOf, PEER } from "./peer.ts";
export { callPrepare, PREPARE, type Prepare, withPrepare } from "./prepare.ts";
export { headerOf, RECEIVED_HEADER } from "./received-header.ts";
export { REPORT, type Report, reportOf } from "./report.ts";
export { isSanitizableError, type SanitizableError } from "./sanitizable-error.ts";
export { isPlainObject, shown } from "./shown.ts";
export { isThenable } from "./thenable.ts";
export { MAX_TIMER_MS } from "./timer.ts";
