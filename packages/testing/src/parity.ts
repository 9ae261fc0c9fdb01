// The exports of `@connectum/testing/parity`.
export { defaultCompare, type ParityScenarioResult } from "./parity/default-compare.ts";
export {
  type ParityCollectors,
  type ParityInterceptors,
  type ParityScenarioContext,
  runTransportParity,
  type TransportKind,
  type TransportParityTestOptions,
} from "./parity/run-transport-parity.ts";
export { transportParityTest } from "./parity/transport-parity-test.ts";
