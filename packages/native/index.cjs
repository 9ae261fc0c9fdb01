"use strict";

// For require(): the module where it can be loaded so, else what to do.
try {
  module.exports = require("./index.js");
} catch (error) {
  if (error.code !== "ERR_REQUIRE_ESM") throw error;
  const text =
    `@connectum/native is an ES module, which require() cannot load in Node ${process.versions.node}. ` +
    'Use import (compiled with "type": "module" in package.json), or await import("@connectum/native"), ' +
    "or Node 20.19, 22.12 or newer.";
  throw Object.assign(new Error(text), { code: "ERR_REQUIRE_ESM" });
}
