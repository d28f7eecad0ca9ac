"""What may import what, and what a quick run must not import at all.

Four layers: core < engines (ruleset, syntax, languages) < pipeline < command line. Each package names what it may use.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import thea_hook

PACKAGE = Path(thea_hook.__file__).parent
ENGINES = {"ruleset", "syntax", "languages"}
VALUES = {"core", "errors", "settings"}

# Part of the package -> the parts it may use besides itself; a part that is not listed is the command line's.
MAY_USE = {
    "budget": set(),
    "core": {"errors"},
    "errors": set(),
    "languages": {"core", "errors", "version"},
    "ruleset": {"core", "errors", "languages", "syntax"},
    "syntax": {"core", "errors", "languages", "ruleset", "version"},
    "reporting": {"core", "errors"},
    "git": {"core", "errors", "paths"},
    "globs": {"errors"},
    "cache": set(),
    "staging": {"core"},
    "settings": {"core", "cache"},
    "config_keys": {*VALUES, "budget", "languages"},
    "config_file": {*VALUES, "config_keys", "paths", ""},
    "config": {*VALUES, "globs", "config_file", "config_keys", "paths"},
    "files": {*VALUES, "globs", "git", "paths"},
    "inputs": {*VALUES, "config", "files", "git", "paths", "pipeline"},
    "paths": set(),
    "repository_names": {"core", "errors", "files", "git", "languages"},
    "ml": {"budget", "core", "errors", "languages", "repository_names", "settings", "syntax"},
    "teacher": {*VALUES, "budget", "languages", "ml", "ruleset", "syntax"},
    "memory": {"cache", "core", "errors", "teacher"},
    "checking": {*VALUES, *ENGINES, "ml"},
    "fixer": {*VALUES, "languages", "staging"},
    "others": {*VALUES, "budget", "checking", "files", "fixer", "git", "languages", "ml", "paths", "teacher"},
    "baseline": VALUES,
    "version": {""},
    "progress": set(),
    "processors": set(),
    "workspaces": {"config_file", "errors", "globs", "paths"},
    "workers": {*VALUES, "budget", "checking", "pipeline", "processors", "progress"},
    "pipeline": {
        *VALUES, "languages", "ml", "checking", "fixer", "inputs", "workers",
        "budget", "cache", "config", "files", "git", "others", "progress", "teacher", "teaching", "trust",
        "version",
    },
    "trust": {"core", "checking", "git", "languages", "ml"},
    "teaching": {*VALUES, "cache", "checking", "pipeline", "ruleset", "teacher", "workers"},
    "server": {*VALUES, *ENGINES, "checking", "config", "config_file", "files", "paths", "pipeline", "workers", ""},
    "watch": {*VALUES, "config", "config_file", "files", "git", "reporting"},
}  # fmt: skip
TOP = {"", "__main__", "api", "arguments", "catalogue_text", "cli", "feedback", "health", "outputs"}


def part(module: str) -> str:
    """``thea_hook.core.finding`` -> ``core``; the package itself is the empty name."""
    return module.partition(".")[2].partition(".")[0]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_bytes())


def imports(tree: ast.AST) -> Iterator[str]:
    """Modules of ours that are imported anywhere, also in functions and for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "thea_hook")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "thea_hook":
            if node.module != "thea_hook":
                yield node.module
                continue
            for alias in node.names:  # `from thea_hook import git`, `from thea_hook import __version__`
                is_module = (PACKAGE / f"{alias.name}.py").exists() or (PACKAGE / alias.name).is_dir()
                yield f"thea_hook.{alias.name}" if is_module else "thea_hook"


def test_each_part_uses_only_what_is_below_it() -> None:
    wrong = [
        f"{name} imports {used}"
        for name, tree in modules()
        if part(name) in MAY_USE
        for used in imports(tree)
        if part(used) != part(name) and part(used) not in MAY_USE[part(name)]
    ]
    assert wrong == []


def test_every_part_has_a_layer() -> None:
    assert {part(name) for name, _ in modules()} - TOP - {"lab"} == set(MAY_USE)


def test_the_hook_never_imports_the_lab() -> None:
    assert not [
        f"{name} imports {used}"
        for name, tree in modules()
        if part(name) != "lab"
        for used in imports(tree)
        if part(used) == "lab"
    ]


def top_level(tree: ast.Module) -> Iterator[str]:
    """Packages that a module imports as soon as it is imported itself."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_heavy_packages_are_imported_in_functions() -> None:
    heavy = {"numpy", "onnxruntime", "torch", "ray", "yaml", "multiprocessing", "concurrent", "subprocess", "difflib"}
    found = {name for name, tree in modules() if part(name) not in ("lab", "server") and heavy & set(top_level(tree))}
    assert found == {
        "thea_hook.ml.controller",
        "thea_hook.ml.features",
        "thea_hook.ml.infill",
        "thea_hook.ml.language_model",
        "thea_hook.ml.refiner",
        "thea_hook.ml.tagger",
    }  # which the next test keeps out of a clean run


# ------------------------------------------------------------------ what a run imports


def imported(*arguments: str) -> set[str]:
    """Everything that a run has imported when it is done."""
    code = "import sys; from thea_hook.cli import main; main(sys.argv[1:]); print('\\n', *sys.modules, sep='\\n')"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, check=True, text=True
    )
    assert done.stderr == ""
    return set(done.stdout.partition("\n\n")[2].split())


HEAVY = {
    "tree_sitter", "httpcore2", "numpy", "onnxruntime", "torch", "yaml",
    "difflib", "multiprocessing", "concurrent.futures",
}  # fmt: skip


@pytest.fixture
def clean(project: Path) -> Path:
    (project / "a.mjs").write_text("f();\n")
    return project


def test_a_clean_run_from_the_cache_imports_no_parser(clean: Path) -> None:
    arguments = ("--cache-dir", "cache", "--select", "no-var", "a.mjs")
    assert "tree_sitter" in imported(*arguments)
    again = imported(*arguments)
    assert not again & {*HEAVY, "subprocess"}
    assert not [name for name in again if name.startswith("thea_hook.ruleset.checks")]


def test_models_are_loaded_for_what_does_not_parse_alone(clean: Path) -> None:
    arguments = ("--no-cache", "--exit-zero", "a.mjs")
    ours = {"thea_hook.budget", "thea_hook.core.routing", "thea_hook.ml.mender", "thea_hook.ml.tasks"}
    ours |= {"thea_hook.ml.names", "thea_hook.repository_names"}
    assert not {"numpy", "onnxruntime", *ours} & imported(*arguments)
    (clean / "a.mjs").write_text("f(;\n")
    assert {"numpy", "onnxruntime", "thea_hook.ml.mender"} <= imported(*arguments)


def test_a_run_without_a_memory_imports_nothing_of_it(clean: Path) -> None:
    (clean / "a.mjs").write_text("var a = 1;\nf(a);\n")
    loaded = imported("--no-cache", "--fix", "--select", "no-var", "a.mjs")
    assert not {"sqlite3", "thea_hook.teacher", "thea_hook.memory", "thea_hook.feedback"} & loaded


def test_a_run_imports_nothing_of_the_server(clean: Path) -> None:
    ours = {"thea_hook.server", "thea_hook.watch", "pygls", "lsprotocol", "asyncio", "watchfiles"}
    assert not ours & imported("--no-cache", "a.mjs")


def test_a_run_that_asks_no_other_linter_imports_nothing_for_it(clean: Path) -> None:
    assert not [name for name in imported("--no-cache", "a.mjs") if name.startswith("thea_hook.others")]


def test_help_imports_next_to_nothing() -> None:
    code = "import sys, thea_hook.arguments; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
    ours = {name for name in done.stdout.split() if name.startswith("thea_hook")}
    assert ours == {"thea_hook", "thea_hook.arguments", "thea_hook.errors"}


def test_a_javascript_file_does_not_load_the_other_grammars(clean: Path) -> None:
    loaded = imported("--no-cache", "--select", "no-var", "a.mjs")
    assert "tree_sitter_javascript._binding" in loaded
    assert "tree_sitter_typescript._binding" not in loaded
