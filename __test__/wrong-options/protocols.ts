// Wrong options of Healthcheck() and Reflection().
import { Healthcheck, type HealthcheckOptions } from "@connectum/healthcheck";
import { Reflection, type ReflectionOptions } from "@connectum/reflection";
import type { OptionsObject } from "./options-object.ts";

const milliseconds = (option: string, given: string) =>
  `TypeError: Healthcheck: ${option} must be an integer of milliseconds from 1 to 2147483647, not ${given}`;

const manager = "must come from createHealthcheckManager() of this copy of @connectum/healthcheck";

export const healthcheck: OptionsObject<HealthcheckOptions> = {
  name: "Healthcheck",
  prefix: "",
  use: (options) => Healthcheck(options as HealthcheckOptions),
  wrong: {
    httpEnabled: [[{ httpEnabled: "yes" }, 'TypeError: Healthcheck: httpEnabled must be true or false, not "yes"']],
    httpPaths: [
      [{ httpPaths: "/health" }, 'TypeError: Healthcheck: httpPaths must be an array of paths, not "/health"'],
      [
        { httpPaths: ["/health", "ready"] },
        'TypeError: Healthcheck: httpPaths[1] must be a path that begins with "/" and has no query, not "ready"',
      ],
    ],
    watchInterval: [[{ watchInterval: "1s" }, milliseconds("watchInterval", '"1s"')]],
    manager: [
      [{ manager: {} }, `TypeError: Healthcheck: manager ${manager}, not be an object`],
      [{ manager: null }, `TypeError: Healthcheck: manager ${manager}, not be null`],
    ],
    interceptors: [[{ interceptors: [] }, "TypeError: Healthcheck: interceptors must be true or false, not an array"]],
    autoServing: [[{ autoServing: 1 }, "TypeError: Healthcheck: autoServing must be true or false, not 1"]],
    eventLoopTimeout: [
      [{ eventLoopTimeout: 0 }, milliseconds("eventLoopTimeout", "0")],
      [{ eventLoopTimeout: "1s" }, milliseconds("eventLoopTimeout", '"1s"')],
    ],
    livenessTimeout: [[{ livenessTimeout: 2 ** 31 }, milliseconds("livenessTimeout", "2147483648")]],
    checks: [
      [{ checks: [] }, "TypeError: Healthcheck: checks must be an object of functions, not an array"],
      [{ checks: { db: true } }, 'TypeError: Healthcheck: checks["db"] must be a function, not true'],
    ],
    checkInterval: [[{ checkInterval: 0.5 }, milliseconds("checkInterval", "0.5")]],
    checkTimeout: [[{ checkTimeout: null }, milliseconds("checkTimeout", "null")]],
    logger: [
      [{ logger: {} }, "TypeError: Healthcheck: logger must be an object with the method error, not an object"],
      [{ logger: null }, "TypeError: Healthcheck: logger must be an object with the method error, not null"],
    ],
  },
  mistaken: { http: "httpEnabled", interval: "checkInterval", timeout: "checkTimeout" },
};

export const reflection: OptionsObject<ReflectionOptions> = {
  name: "Reflection",
  prefix: "",
  use: (options) => Reflection(options as ReflectionOptions),
  wrong: {
    interceptors: [[{ interceptors: "none" }, 'TypeError: Reflection: interceptors must be true or false, not "none"']],
  },
};
