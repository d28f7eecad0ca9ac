// What TypeScript says about texts, by its language service, with the quick fixes that change the same file.
// node tsc.cjs PACKAGE ANSWER < {"texts": [[path, text], ...]}  ->  ANSWER: [diagnostics | null if in no project, ...]
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [folder, answer] = process.argv.slice(2);
const ts = require(folder);
if (!ts.createLanguageService) {
  console.error(`TypeScript ${ts.version || ""} has no language service for other programs`);
  process.exit(2);
}
const FORMAT = { ...ts.getDefaultFormatCodeSettings("\n"), indentSize: 2 };

/** A project whose files may have another text than the disk: `show` says which. */
class Project {
  constructor(configPath) {
    const read = ts.getParsedCommandLineOfConfigFile(configPath, { noEmit: true }, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (one) => {
        throw new Error(ts.flattenDiagnosticMessageText(one.messageText, "\n"));
      },
    });
    this.names = new Set(read.fileNames);
    this.overlay = new Map();
    this.version = 0;
    const host = {
      ...ts.sys,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getCompilationSettings: () => read.options,
      getProjectReferences: () => read.projectReferences,
      getScriptFileNames: () => [...this.names],
      getScriptVersion: (name) => (this.overlay.has(name) ? `${this.overlay.get(name).version}` : "disk"),
      getScriptSnapshot: (name) => {
        const text = this.overlay.has(name) ? this.overlay.get(name).text : ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => path.dirname(configPath),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
    };
    this.service = ts.createLanguageService(host);
  }

  diagnostics(name, text) {
    this.overlay = new Map([[name, { text, version: ++this.version }]]);
    const syntactic = this.service.getSyntacticDiagnostics(name);
    const found = syntactic.length ? syntactic : this.service.getSemanticDiagnostics(name);
    return found.map((one) => ({
      code: one.code,
      syntactic: syntactic.length > 0,
      message: ts.flattenDiagnosticMessageText(one.messageText, "\n"),
      start: one.start ?? 0,
      length: one.length ?? 0,
      fixes: syntactic.length ? [] : this.fixes(name, one),
    }));
  }

  /** The quick fixes of a diagnostic that touch no other file and run no command. */
  fixes(name, one) {
    const start = one.start ?? 0;
    let actions;
    try {
      actions = this.service.getCodeFixesAtPosition(name, start, start + (one.length ?? 0), [one.code], FORMAT, {});
    } catch {
      return []; // a quick fix that stumbles is TypeScript's own business; the diagnostic stays
    }
    return actions
      .filter((action) => !action.commands?.length && action.changes.every((change) => change.fileName === name))
      .map((action) => ({
        title: action.description,
        changes: action.changes.flatMap((change) =>
          change.textChanges.map(({ span, newText }) => ({ start: span.start, length: span.length, text: newText })),
        ),
      }));
  }
}

const projects = new Map();

function projectOf(file) {
  const config = ["tsconfig.json", "jsconfig.json"]
    .map((name) => ts.findConfigFile(path.dirname(file), ts.sys.fileExists, name))
    .find(Boolean);
  if (!config) throw new Error(`there is no tsconfig.json for ${file}`);
  if (!projects.has(config)) projects.set(config, new Project(config));
  return projects.get(config);
}

const { texts } = JSON.parse(fs.readFileSync(0, "utf8"));
try {
  const answers = texts.map(([name, text]) => {
    const file = name.split(path.sep).join("/");
    const project = projectOf(file);
    return project.names.has(file) ? project.diagnostics(file, text) : null;
  });
  fs.writeFileSync(answer, JSON.stringify(answers));
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
