// All checks, in the order of the table.
import type { Check } from "./check.ts";
import { applicationSdks } from "./checks/application-sdk.ts";
import { asyncLocalStorage } from "./checks/async-local-storage.ts";
import { examples } from "./checks/examples.ts";
import { exits } from "./checks/exits.ts";
import { fetchHandler } from "./checks/fetch.ts";
import { gettingStarted } from "./checks/getting-started.ts";
import { health } from "./checks/health.ts";
import { interceptors } from "./checks/interceptors.ts";
import { kinds } from "./checks/kinds.ts";
import { loops } from "./checks/loops.ts";
import { permissions } from "./checks/permissions.ts";
import { reflection } from "./checks/reflection.ts";
import { require } from "./checks/require.ts";
import { shutdown } from "./checks/shutdown.ts";
import { telemetry } from "./checks/telemetry.ts";
import { testRunners } from "./checks/test-runners.ts";
import { tls } from "./checks/tls.ts";
import { validation } from "./checks/validation.ts";
import { workers } from "./checks/workers.ts";

export const CHECKS: readonly Check[] = [
  kinds,
  tls,
  health,
  reflection,
  interceptors,
  validation,
  telemetry,
  ...applicationSdks,
  asyncLocalStorage,
  fetchHandler,
  shutdown,
  loops,
  exits,
  workers,
  require,
  permissions,
  examples,
  gettingStarted,
  testRunners,
];
