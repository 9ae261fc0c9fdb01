// Loads packages of OpenTelemetry when they are used, synchronously.
import { createRequire } from "node:module";

/** As `require()`: the package is loaded once. The caller names its type. */
export const load: (name: string) => unknown = createRequire(import.meta.url);
