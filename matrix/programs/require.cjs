// What require() gives: the packages, or the error that says what to do.
"use strict";

try {
  const { createServer } = require("@connectum/core");
  const { parseEnvConfig } = require("@connectum/core/config");
  const { Healthcheck } = require("@connectum/healthcheck");
  console.log([createServer, parseEnvConfig, Healthcheck].map((value) => typeof value).join(" "));
} catch (error) {
  console.log(error.message);
}
