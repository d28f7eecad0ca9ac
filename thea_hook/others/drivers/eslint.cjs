// What ESLint says about texts, by its own API, each under the configuration of its path: messages, or null if ignored.
"use strict";

const { answering } = require("./answering.cjs");

const api = require(process.argv[2]);

async function start() {
  const ESLint = api.loadESLint ? await api.loadESLint() : api.ESLint;
  return new ESLint({ cwd: process.cwd() });
}

let started;

answering(async (filePath, text) => {
  const eslint = await (started ??= start());
  if (await eslint.isPathIgnored(filePath)) return null;
  const [result] = await eslint.lintText(text, { filePath });
  return result ? result.messages : null;
});
