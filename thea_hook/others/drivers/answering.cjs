// One process for all questions of a run, since a linter takes longer to start than to look at a text.
// node DRIVER PACKAGE FOLDER TOKEN: for each line on standard input FOLDER/question.json, {"texts": [[path, text], ...]},
// is answered in FOLDER/answer.json, and then the token printed. Files, because plugins print what they like.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const [, , , folder, token] = process.argv;
const print = process.stdout.write.bind(process.stdout);

/** What went wrong, in a sentence; plugins throw anything. */
function complaint(error) {
  const said = String(error?.message ?? error);
  return error?.messageTemplate ? said.split("\n")[0] : said;
}

/** Answers until standard input ends. What `look` throws about a text is the answer for that text alone. */
exports.answering = (look) => {
  const answerOf = async (name, text) => {
    try {
      return await look(name, text);
    } catch (error) {
      return { failure: complaint(error) };
    }
  };
  readline
    .createInterface({ input: process.stdin })
    .on("line", async () => {
      const { texts } = JSON.parse(fs.readFileSync(path.join(folder, "question.json"), "utf8"));
      const answers = [];
      for (const [name, text] of texts) answers.push(await answerOf(name, text));
      fs.writeFileSync(path.join(folder, "answer.json"), JSON.stringify(answers));
      print(`\n${token}\n`);
    })
    .on("close", () => process.exit());
};
