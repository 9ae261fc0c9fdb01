// The exports of `@connectum/testing/parity`.
export { defaultCompare, type ParityScenarioResult } from "./parity/compare.ts";
export {
  type ParityCollectors,
  type ParityInterceptors,
  type ParityScenarioContext,
  runTransportParity,
  type TransportKind,
  type TransportParityTestOptions,
} from "./parity/run.ts";
export { transportParityTest } from "./parity/test.ts";
