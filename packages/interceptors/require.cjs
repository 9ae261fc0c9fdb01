// What require() gets where it cannot load ES modules: the way to load this package. The same file in every package.
"use strict";

const { name } = require("./package.json");

const text =
  `${name} is an ES module, which require() cannot load in Node ${process.versions.node}. ` +
  `Use import, or await import("${name}"), or Node 20.19, 22.12 or newer.`;
throw Object.assign(new Error(text), { code: "ERR_REQUIRE_ESM" });
