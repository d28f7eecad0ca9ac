// What ESLint says about texts, by its own API: one start for all of them, each under the configuration of its path.
// node eslint.cjs PACKAGE ANSWER < {"texts": [[path, text], ...]}  ->  ANSWER: [messages | null if ignored, ...]
"use strict";

const fs = require("node:fs");

async function main([folder, answer]) {
  const { texts } = JSON.parse(fs.readFileSync(0, "utf8"));
  const api = require(folder);
  const ESLint = api.loadESLint ? await api.loadESLint() : api.ESLint;
  const eslint = new ESLint({ cwd: process.cwd() });
  const answers = [];
  for (const [filePath, text] of texts) {
    if (await eslint.isPathIgnored(filePath)) {
      answers.push(null);
      continue;
    }
    const [result] = await eslint.lintText(text, { filePath });
    answers.push(result ? result.messages : null);
  }
  fs.writeFileSync(answer, JSON.stringify(answers));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.messageTemplate ? error.message.split("\n")[0] : error.message || error);
  process.exitCode = 2;
});
