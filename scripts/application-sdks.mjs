// @ts-check
// The SDKs of OpenTelemetry that applications have: the matrix has a project with each, beside our packages.

/**
 * @typedef {object} Sdk
 * @property {string} name of its folder
 * @property {string} version the major version
 * @property {Record<string, string>} packages
 * @property {string[]} notOn names of runtimes that it is not for
 */

/** @type {readonly Sdk[]} */
export const SDKS = [
  {
    name: "sdk-2",
    version: "2",
    packages: { "@opentelemetry/sdk-node": "~0.223.0", "@opentelemetry/api": "~1.9.1" },
    notOn: ["Bun", "Deno"],
  },
  {
    name: "sdk-3",
    version: "3",
    packages: { "@opentelemetry/sdk-node": "~0.301.0", "@opentelemetry/api": "~1.10.0" },
    notOn: ["Node 18", "Node 20", "Bun", "Deno"],
  },
];
