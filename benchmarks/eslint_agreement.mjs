// Runs ESLint with given rules over files and prints its findings as JSON: {findings: [{path, rule, line, column,
// message, fix, suggestions}], unread: [path]}; a fix is [start, end, text] in UTF-16 units after the byte order mark.
// Usage: node eslint_agreement.mjs PACKAGES FOLDER < {"files": [...], "javascript": {rule: options}, "typescript": ...}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, folder] = process.argv.slice(2);
const require = createRequire(join(packages, "package.json"));
const { ESLint } = require("eslint");
const parser = require("@typescript-eslint/parser");
const plugin = require("@typescript-eslint/eslint-plugin");
const { files, javascript, typescript, globals, scripts } = JSON.parse(readFileSync(0, "utf8"));

const jsx = { parserOptions: { ecmaFeatures: { jsx: true } } };
const eslint = new ESLint({
    cwd: folder,
    ignore: false,
    overrideConfigFile: true,
    overrideConfig: [
        { linterOptions: { reportUnusedDisableDirectives: "off" }, languageOptions: { globals, ...jsx } },
        { files: ["**/*.{js,mjs,jsx,cjs}"], rules: javascript },
        { files: scripts, languageOptions: { sourceType: "script" } },
        { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs" } },
        {
            files: ["**/*.{ts,mts,cts,tsx}"],
            languageOptions: { parser, sourceType: "module" },
            plugins: { "@typescript-eslint": plugin },
            rules: typescript,
        },
    ].filter(entry => entry.files?.length !== 0),
});

const change = ({ range, text }) => [...range, text];
const findings = [];
const unread = [];
for (const { filePath, messages, suppressedMessages } of await eslint.lintFiles(files)) {
    const rules = /\.[mc]?tsx?$/.test(filePath) ? typescript : javascript;
    // Comments that declare globals count, those that switch rules off do not.
    for (const { fatal, ruleId, line, column, message, fix, suggestions = [] } of [...messages, ...suppressedMessages]) {
        if (fatal && message.startsWith("Parsing error")) unread.push(filePath);
        else if (Object.hasOwn(rules, ruleId ?? ""))
            findings.push({
                path: filePath, rule: ruleId.replace("@typescript-eslint/", ""), line, column, message,
                fix: fix ? change(fix) : null,
                suggestions: suggestions.map(suggestion => change(suggestion.fix)),
            });
    }
}
process.stdout.write(JSON.stringify({ findings, unread }));
