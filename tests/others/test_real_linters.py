"""The linters themselves. THEA_NODE_PACKAGES names a folder with node_modules; what it lacks is skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from command_line import CommandLine

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
        "if (o.hasOwnProperty(text) && a == b) { f(parseInt(text), other) }\nif (a) {}\n"
    )
    assert mend(thea, "eslint") == 1
    assert file.read_text() == (
        "const text = '😀', other = '\\\\d' + 'é';\n"
        "if (Object.prototype.hasOwnProperty.call(o, text) && a === b) { f(parseInt(text, 10), other) }\nif (a) {}\n"
    )
    assert thea.json("--with", "eslint", "--isolated", "--select", "syntax-error", "src").rules == ["eslint/no-empty"]


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
