// Prints, as one JSON line per file, the scopes that eslint-scope (JavaScript) or typescript-eslint's scope-manager
// (TypeScript) finds. Usage: node scope_parity.mjs PACKAGES < list of paths, one a line. Positions are byte offsets.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const espree = require("espree");
const eslintScope = require("eslint-scope");
const typescript = require("@typescript-eslint/typescript-estree");
const scopeManager = require("@typescript-eslint/scope-manager");

const isTypeScript = path => /\.[cm]?tsx?$/.test(path);

function analyzeJavaScript(text, sourceType) {
    const ecmaFeatures = { jsx: true, globalReturn: sourceType === "commonjs" };
    const ast = espree.parse(text, { ecmaVersion: "latest", sourceType, range: true, ecmaFeatures });
    return eslintScope.analyze(ast, {
        ecmaVersion: 2025, sourceType, ignoreEval: true, jsx: true, childVisitorKeys: espree.VisitorKeys, fallback: "none",
        nodejsScope: sourceType === "commonjs",
    });
}

function analyzeTypeScript(text, path) {
    const ast = typescript.parse(text, { range: true, jsx: path.endsWith("x") });
    return scopeManager.analyze(ast, { sourceType: "module", lib: [], jsxPragma: null });
}

function describe(manager, byteOffset) {
    const starts = variable => variable.defs.map(d => byteOffset(d.name.range[0])).sort((a, b) => a - b);
    const references = [];
    const variables = [];
    for (const scope of manager.scopes) {
        for (const reference of scope.references) {
            references.push({
                start: byteOffset(reference.identifier.range[0]),
                name: reference.identifier.name,
                access: [reference.isRead(), reference.isWrite(), Boolean(reference.init)],
                meaning: [reference.isValueReference ?? true, reference.isTypeReference ?? false],
                scope: scope.type,
                strict: scope.isStrict,
                resolved: reference.resolved ? starts(reference.resolved) : [],
            });
        }
        for (const variable of scope.variables) {
            if (variable.defs.length > 0) {
                variables.push({ name: variable.name, scope: scope.type, strict: scope.isStrict, starts: starts(variable) });
            }
        }
    }
    return { references, variables };
}

for await (const line of createInterface({ input: process.stdin })) {
    const [sourceType, path] = line.split("\t");
    const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
    const shift = readFileSync(path).subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
    const isAscii = /^[\x00-\x7f]*$/.test(text);
    const byteOffset = index => shift + (isAscii ? index : Buffer.byteLength(text.slice(0, index)));
    try {
        const manager = isTypeScript(path) ? analyzeTypeScript(text, path) : analyzeJavaScript(text, sourceType);
        console.log(JSON.stringify({ path, ...describe(manager, byteOffset) }));
    } catch (error) {
        console.log(JSON.stringify({ path, error: String(error.message) }));
    }
}
