// What TypeScript says about texts, by its language service, with the quick fixes that change the same file: diagnostics,
// or null for a file that is in no project.
"use strict";

const path = require("node:path");

const { answering } = require("./answering.cjs");

const ts = require(process.argv[2]);
if (!ts.createLanguageService) {
  console.error(`TypeScript ${ts.version || ""} has no language service for other programs`);
  process.exit(2);
}
// What is wrong with a configuration that only refers to others: it names no files.
const NO_FILES = new Set([18002, 18003]);
const FORMAT = { ...ts.getDefaultFormatCodeSettings("\n"), indentSize: 2 };

/** A project whose files may have another text than the disk: `show` says which. */
class Project {
  constructor(configPath) {
    const { error } = ts.readConfigFile(configPath, ts.sys.readFile); // of this, what follows says nothing
    const read = ts.getParsedCommandLineOfConfigFile(configPath, { noEmit: true }, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (one) => {
        throw new Error(ts.flattenDiagnosticMessageText(one.messageText, "\n"));
      },
    });
    const [wrong] = [...(error ? [error] : []), ...read.errors].filter((one) => !NO_FILES.has(one.code));
    if (wrong) throw new Error(`${configPath}: ${ts.flattenDiagnosticMessageText(wrong.messageText, "\n")}`);
    this.names = new Set(read.fileNames);
    this.references = read.projectReferences ?? [];
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

function projectAt(config) {
  if (!projects.has(config)) projects.set(config, new Project(config));
  return projects.get(config);
}

/** The project that a file belongs to: that of the nearest configuration, or one that it refers to. */
function projectOf(file) {
  const nearest = ["tsconfig.json", "jsconfig.json"]
    .map((name) => ts.findConfigFile(path.dirname(file), ts.sys.fileExists, name))
    .find(Boolean);
  if (!nearest) throw new Error(`there is no tsconfig.json for ${file}`);
  const configs = new Set([nearest]); // grows while it is read
  for (const config of configs) {
    const project = projectAt(config);
    if (project.names.has(file)) return project;
    for (const reference of project.references) configs.add(ts.resolveProjectReferencePath(reference));
  }
  return undefined;
}

answering((name, text) => {
  const file = name.split(path.sep).join("/");
  return projectOf(file)?.diagnostics(file, text) ?? null;
});
