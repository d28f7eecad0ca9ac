"""The linters themselves. THEA_NODE_PACKAGES names a folder with node_modules; what it lacks is skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from command_line import CommandLine

from thea_hook.others import programs

PACKAGES = os.environ.get("THEA_NODE_PACKAGES", "")


@pytest.fixture
def packages(project: Path) -> Path:
    """A project whose packages are those of the variable."""
    if not PACKAGES or shutil.which("node") is None:
        pytest.skip("needs node, and THEA_NODE_PACKAGES naming a folder with node_modules")
    (project / "node_modules").symlink_to(Path(PACKAGES).resolve() / "node_modules", target_is_directory=True)
    (project / "src").mkdir()
    return project


def needs(project: Path, name: str) -> None:
    if not (project / "node_modules" / name / "package.json").is_file():
        pytest.skip(f"THEA_NODE_PACKAGES has no {name}")


def mend(thea: CommandLine, linter: str, *flags: str) -> int:
    return thea(
        "--with", linter, "--isolated", "--select", "syntax-error", "--fix", "--unsafe-fixes", *flags, "src"
    ).code


ESLINT = """
module.exports = [{ files: ["**/*.js"], rules: {
  eqeqeq: "error", "no-prototype-builtins": "error", "no-useless-escape": "error", "no-unused-vars": "error",
  "prefer-const": "error", "no-empty": "error", radix: "error",
} }];
"""


def test_eslint_with_its_fixes_its_suggestions_and_our_rules(packages: Path, thea: CommandLine) -> None:
    needs(packages, "eslint")
    (packages / "eslint.config.js").write_text(ESLINT)
    file = packages / "src" / "a.js"
    file.write_text(
        "let text = '😀', other = '\\\\d' + '\\é';\n"
        "if (o.hasOwnProperty(text) && a == b) { f(parseInt(text), other) }\nwhile (f()) {}\n"
    )
    assert mend(thea, "eslint") == 1
    assert file.read_text() == (
        "const text = '😀', other = '\\\\d' + 'é';\n"
        "if (Object.prototype.hasOwnProperty.call(o, text) && a === b) { f(parseInt(text, 10), other) }\n"
        "while (f()) {}\n"
    )
    assert thea.json("--with", "eslint", "--isolated", "--select", "syntax-error", "src").rules == ["eslint/no-empty"]


def test_eslint_agrees_to_what_the_project_knows_about_undeclared_names(packages: Path, thea: CommandLine) -> None:
    needs(packages, "eslint")
    (packages / "eslint.config.js").write_text('module.exports = [{ rules: { "no-undef": "error" } }];\n')
    texts = {
        "base.js": "window.App = {};\nvar helper = 1;\n",
        "page.js": "'use strict';\nApp.start(helper, App, helper);\n",
        "peer.mjs": 'import { one, two } from "./numbers.mjs";\none(two);\n',
        "here.mjs": "import a from 'a';\n\nexport default function add(value) {\n"
        "  total = a(vlaue);\n  for (k of total) one(two, k);\n}\n",
    }
    for name, text in texts.items():
        (packages / "src" / name).write_text(text)
    mend(thea, "eslint")
    assert (packages / "src" / "page.js").read_text() == (
        "/* global App, helper */\n'use strict';\nApp.start(helper, App, helper);\n"
    )
    assert (packages / "src" / "here.mjs").read_text() == (
        "import a from 'a';\nimport { one, two } from './numbers.mjs';\n\nexport default function add(value) {\n"
        "  const total = a(value);\n  for (const k of total) one(two, k);\n}\n"
    )
    assert thea.json("--with", "eslint", "--isolated", "--select", "syntax-error", "src").rules == ["eslint/no-undef"]


def test_eslint_agrees_to_imports_that_are_merged(packages: Path, thea: CommandLine) -> None:
    needs(packages, "eslint")
    (packages / "eslint.config.js").write_text('module.exports = [{ rules: { "no-duplicate-imports": "error" } }];\n')
    file = packages / "src" / "a.mjs"
    file.write_text(
        "import a from 'm';\nimport n from 'n';\nimport { b } from 'm';\nimport { c } from 'm';\nn(a, b, c);\n"
    )
    assert mend(thea, "eslint") == 0
    assert file.read_text() == "import a, { b, c } from 'm';\nimport n from 'n';\nn(a, b, c);\n"


def test_eslint_without_a_configuration_is_one_sentence(packages: Path, thea: CommandLine) -> None:
    needs(packages, "eslint")
    (packages / "src" / "a.js").write_text("f();\n")
    done = thea("--with", "eslint", "src")
    assert done.code == 2
    assert "ESLint failed" in done.err
    assert "Traceback" not in done.err


def test_typescript_with_its_quick_fixes(packages: Path, thea: CommandLine) -> None:
    needs(packages, "typescript")
    (packages / "tsconfig.json").write_text(
        '{"compilerOptions": {"strict": true, "target": "es2022", "noEmit": true, "types": []}, "include": ["src"]}'
    )
    file = packages / "src" / "a.ts"
    file.write_text(
        "export const face = '😀';\nexport const n: number = lenght('a');\n"
        "function length(s: string) { return s.lenght; }\n"
    )
    assert mend(thea, "tsc") == 0
    assert file.read_text() == (
        "export const face = '😀';\nexport const n: number = length('a');\n"
        "function length(s: string) { return s.length; }\n"
    )


def test_typescript_follows_the_references_of_a_project(packages: Path, thea: CommandLine) -> None:
    needs(packages, "typescript")
    (packages / "tsconfig.json").write_text('{"files": [], "references": [{"path": "./tsconfig.app.json"}]}')
    (packages / "tsconfig.app.json").write_text(
        '{"compilerOptions": {"composite": true, "strict": true, "types": []}, "include": ["src"]}'
    )
    (packages / "src" / "a.ts").write_text("export const n: number = 'a';\n")
    (packages / "outside.ts").write_text("export const n: number = 'a';\n")
    found = thea.json("--with", "tsc", "--isolated", "--select", "syntax-error", "src", "outside.ts").json["findings"]
    assert [(one["path"], one["rule"]) for one in found] == [("src/a.ts", "tsc/TS2322")]


@pytest.mark.parametrize("text", ["{{{", '{"extends": "./missing.json"}', '{"compilerOptions": {"target": "es1"}}'])
def test_typescript_with_a_configuration_that_is_none_is_one_sentence(
    packages: Path, thea: CommandLine, text: str
) -> None:
    needs(packages, "typescript")
    (packages / "tsconfig.json").write_text(text)
    (packages / "src" / "a.ts").write_text("f();\n")
    done = thea("--with", "tsc", "src")
    assert (done.code, "tsconfig.json: " in done.err) == (2, True)


HOSTILE = """
const rule = (create) => ({ meta: { fixable: "code", schema: [] }, create });
const onName = (report) => (context) => ({ Identifier(node) { if (node.name === "a") report(context, node); } });
const fixedTo = (range) => rule(onName((context, node) =>
  context.report({ node, message: "odd", fix: () => ({ range, text: "q" }) })));
console.log("hello");
process.stdout.write("{");
module.exports = [{
  plugins: { odd: { rules: {
    fraction: fixedTo([1.5, 2.5]), nan: fixedTo([0, NaN]), backwards: fixedTo([5, 2]), negative: fixedTo([-9, -3]),
    places: rule((context) => ({ Program() {
      for (const line of [-1, 0, 1.5, NaN, 1e9]) context.report({ loc: { line, column: -7 }, message: `at ${line}` });
    } })),
    picky: rule((context) => ({ Program() { if (/==={1}/.test(context.sourceCode.text)) throw new Error("picky"); } })),
  } } },
  rules: { eqeqeq: 2, "odd/fraction": 2, "odd/nan": 2, "odd/backwards": 2, "odd/negative": 2, "odd/places": 2,
    "odd/picky": 2 },
}];
"""


def test_eslint_with_rules_that_report_nonsense(packages: Path, thea: CommandLine) -> None:
    needs(packages, "eslint")
    (packages / "eslint.config.js").write_text(HOSTILE)
    (packages / "src" / "a.js").write_text("f(a == b);\n")
    done = thea.json("--with", "eslint", "--isolated", "--select", "syntax-error", "--fix", "--unsafe-fixes", "src")
    assert done.code == 1
    assert (packages / "src" / "a.js").read_text() == "f(a == b);\n"
    assert {"eslint/eqeqeq", "eslint/odd/nan", "eslint/odd/places"} <= set(done.rules)
    assert all(finding["fix"] is None for finding in done.json["findings"])


@pytest.mark.parametrize("text", ["throw undefined", "process.exit(3)", "while (true);", "throw new Error('boom')"])
def test_eslint_whose_configuration_fails_is_one_sentence(
    packages: Path, thea: CommandLine, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    needs(packages, "eslint")
    monkeypatch.setattr(programs, "TIMEOUT_SECONDS", 2.0)
    (packages / "eslint.config.js").write_text(text)
    (packages / "src" / "a.js").write_text("debugger;\n")
    done = thea("--with", "eslint", "--fix", "src")
    assert (done.code, done.stdout, done.err.count("\n")) == (2, b"", 1)
    assert (packages / "src" / "a.js").read_text() == "debugger;\n"


def test_typescript_without_a_project_is_one_sentence(packages: Path, thea: CommandLine) -> None:
    needs(packages, "typescript")
    (packages / "src" / "a.ts").write_text("f();\n")
    done = thea("--with", "tsc", "src")
    assert (done.code, "there is no tsconfig.json" in done.err) == (2, True)


@pytest.mark.parametrize(("name", "package"), [("oxlint", "oxlint"), ("biome", "@biomejs/biome")])
def test_linters_that_only_read_files(packages: Path, thea: CommandLine, name: str, package: str) -> None:
    needs(packages, package)
    file = packages / "src" / "a.js"
    file.write_text("export const a = '😀';\nif (!!a) {\n  debugger;\n  f(a === NaN);\n}\n")
    neighbour = packages / "src" / "b.js"
    neighbour.write_text("f();\n")
    assert mend(thea, name) in (0, 1)
    text = file.read_text()
    assert "!!" not in text
    assert "isNaN(a)" in text
    assert sorted(path.name for path in packages.rglob("src/*")) == ["a.js", "b.js"]


def test_oxlint_under_the_configuration_of_the_project(packages: Path, thea: CommandLine) -> None:
    needs(packages, "oxlint")
    (packages / "src" / "a.js").write_text("export const a = !!!b;\n")
    (packages / ".oxlintrc.json").write_text('{"rules": {"no-extra-boolean-cast": "off"}}')
    assert thea("--with", "oxlint", "--isolated", "--select", "syntax-error", "src").code == 0


def test_oxlint_looks_at_the_files_that_are_not_ignored(packages: Path, thea: CommandLine) -> None:
    needs(packages, "oxlint")
    (packages / ".oxlintrc.json").write_text('{"rules": {"eqeqeq": "error"}, "ignorePatterns": ["src/c.js"]}')
    for name in "abcd":
        (packages / "src" / f"{name}.js").write_text("export const a = b == c;\n")
    assert mend(thea, "oxlint") == 0
    changed = [path.name for path in sorted(packages.glob("src/*.js")) if "===" in path.read_text()]
    assert changed == ["a.js", "b.js", "d.js"]


@pytest.mark.parametrize(
    ("name", "package", "config"),
    [("oxlint", "oxlint", ".oxlintrc.json"), ("biome", "@biomejs/biome", "biome.json")],
)
def test_a_configuration_that_cannot_be_read_is_one_sentence(
    packages: Path, thea: CommandLine, name: str, package: str, config: str
) -> None:
    needs(packages, package)
    (packages / config).write_text("{bad")
    for number in range(3):
        (packages / "src" / f"{number}.js").write_text("debugger;\n")
    done = thea("--with", name, "--fix", "src")
    assert (done.code, done.stdout, done.err.count("\n")) == (2, b"", 1)
    assert str(packages / config) in done.err
    assert (packages / "src" / "0.js").read_text() == "debugger;\n"
