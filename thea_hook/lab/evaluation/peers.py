"""What other tools make of the same broken files: ESLint, Biome, oxlint, and TypeScript's own error recovery.

``THEA_NODE_PACKAGES`` names the folder in whose ``node_modules`` the packages of ``benchmarks/peers/package.json`` are;
Node runs them.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from thea_hook.core.source import SourceFile
from thea_hook.errors import UsageError
from thea_hook.lab.evaluation.systems import Outcome

TIMEOUT_SECONDS = 600
_ENDINGS = {"javascript": ".js", "typescript": ".ts", "tsx": ".tsx"}

Repair = Callable[[Path, Sequence[SourceFile]], list[bytes]]


class Peer:
    """A tool that rewrites files. It may lay out a right text anew, so its results are compared with what it makes of
    the reference.
    """

    rewrites = True

    def __init__(self, name: str, repair: Repair) -> None:
        self.name = name
        self._packages = packages()
        self._repair = repair

    def repair(self, files: Sequence[SourceFile]) -> list[Outcome]:
        started = time.perf_counter()
        texts = self._repair(self._packages, files)
        seconds = (time.perf_counter() - started) / max(1, len(files))
        return [Outcome(None, text, text, seconds) for text in texts]


def packages() -> Path:
    """The folder ``node_modules`` of the peers. Raises UsageError where the variable does not lead to it."""
    value = os.environ.get("THEA_NODE_PACKAGES")
    found = Path(value or ".", "node_modules").resolve()
    if not value or not (found / "typescript" / "package.json").is_file():
        raise UsageError("other tools need THEA_NODE_PACKAGES: a folder with benchmarks/peers/package.json, installed")
    return found


# ------------------------------------------------------------------ tools that write files

_ESLINT_CONFIG = """
const { createRequire } = require("module");
const load = createRequire(%s);
const parser = load("@typescript-eslint/parser");
const rules = {};
for (const [name, rule] of load("eslint/use-at-your-own-risk").builtinRules)
  if (rule.meta.fixable) rules[name] = "error";
module.exports = [
  { files: ["**/*.js"], languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } } },
  { files: ["**/*.ts", "**/*.tsx"], languageOptions: { parser } },
  { rules },
];
"""
# with errors too: what Biome's parser recovers is what its formatter could give back
_BIOME_CONFIG = '{"root": true, "formatter": {"enabled": true, "formatWithErrors": true}}'


def _eslint(packages: Path, files: Sequence[SourceFile]) -> list[bytes]:
    config = {"eslint.config.cjs": _ESLINT_CONFIG % json.dumps(f"{packages}/")}
    return _rewritten(files, config, [str(packages / ".bin" / "eslint"), "--fix", "--no-warn-ignored", "files"])


def _biome(packages: Path, files: Sequence[SourceFile]) -> list[bytes]:
    command = [str(packages / ".bin" / "biome"), "check", "--write", "--unsafe", "--max-diagnostics=none", "files"]
    return _rewritten(files, {"biome.json": _BIOME_CONFIG}, command)


def _oxlint(packages: Path, files: Sequence[SourceFile]) -> list[bytes]:
    flags = ["--fix", "--fix-suggestions", "--fix-dangerously", "--silent"]
    return _rewritten(files, {}, [str(packages / ".bin" / "oxlint"), *flags, "files"])


def _rewritten(files: Sequence[SourceFile], config: dict[str, str], command: Sequence[str]) -> list[bytes]:
    """The texts after a command has run in a folder where ``files`` holds them."""
    with TemporaryDirectory(prefix="thea-lab-") as name:
        folder = Path(name, "files")
        folder.mkdir()
        for file_name, text in config.items():
            Path(name, file_name).write_text(text, "utf-8")
        paths = [folder / f"{index}{_ENDINGS[file.language]}" for index, file in enumerate(files)]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file.text)
        _run(command, cwd=name)
        return [path.read_bytes() for path in paths]


# ------------------------------------------------------------------ TypeScript

_TYPESCRIPT_PROGRAM = """
const ts = require(process.argv[1]);
const printer = ts.createPrinter();
const files = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(files.map(([name, text]) => {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  try { return printer.printFile(file); } catch { return text; }
})));
"""


def _typescript(packages: Path, files: Sequence[SourceFile]) -> list[bytes]:
    """The trees that TypeScript's parser recovers, printed."""
    question = [
        [f"{index}{_ENDINGS[file.language]}", file.text.decode("utf-8", "replace")] for index, file in enumerate(files)
    ]
    answer = _run(["node", "-e", _TYPESCRIPT_PROGRAM, str(packages / "typescript")], json.dumps(question))
    return [text.encode("utf-8", "replace") for text in json.loads(answer)]


def _run(command: Sequence[str], question: str = "", cwd: str | None = None) -> bytes:
    try:
        done = subprocess.run(
            command, input=question.encode(), cwd=cwd, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise UsageError(f"{command[0]} does not run: {exc}") from exc
    if done.returncode not in (0, 1):  # 1: something was found, and broken files are meant to be
        raise UsageError(f"{command[0]} failed: {(done.stderr or done.stdout).decode('utf-8', 'replace')[:500]}")
    return done.stdout


PEERS: dict[str, Repair] = {"eslint": _eslint, "biome": _biome, "oxlint": _oxlint, "typescript": _typescript}
"""Name -> the texts that it makes of files."""
