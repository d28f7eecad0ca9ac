#!/usr/bin/env python3
"""Mends what ESLint finds in real files, with `eslint --fix` and with `thea-hook --with eslint`: how much is gone?

    other_linters.py --packages FOLDER --corpus FILE.jsonl [--files N] [--seed N] [--json FILE]

Takes N files of a corpus (one JSON object a line with `repository`, `path`, `text`), as many of each repository as it
has up to an equal share, and lints them with eslint:recommended and the common rules below. FOLDER has `node_modules`
with eslint 9 or newer, @eslint/js, globals and typescript-eslint. Then each tool mends a copy of all the files, and
ESLint, run again, says what is left and what is new. A finding that a tool abstains from counts as not mended.

Prints a table by rule: findings, and how many are gone after `eslint --fix` and after `thea-hook --with eslint --fix
--unsafe-fixes` with none of our own rules on; then the same for what `eslint --fix` leaves, new findings, and changes
that look like silence rather than repair: comments that switch a rule off, `any`, blocks that are empty now, code that
is a comment now, conditions that never hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from thea_hook.core.source import SourceFile, language_of  # noqa: E402
from thea_hook.others.eslint import ESLint  # noqa: E402
from thea_hook.others.findings import PARSE_ERROR, Answer  # noqa: E402

Linted = dict[str, tuple[SourceFile, Answer]]
"""Name of a file -> its text and what ESLint says about it."""

LARGEST = 30_000
"""Bytes: larger files would make a small sample one of few files."""

COMMON = (
    "curly", "default-case-last", "dot-notation", "eqeqeq", "no-console", "no-else-return", "no-extra-bind",
    "no-implicit-coercion", "no-lonely-if", "no-self-compare", "no-throw-literal", "no-unneeded-ternary",
    "no-useless-concat", "no-useless-rename", "no-useless-return", "no-var", "object-shorthand", "operator-assignment",
    "prefer-arrow-callback", "prefer-const", "prefer-object-spread", "prefer-rest-params", "prefer-spread",
    "prefer-template", "radix", "yoda",
)  # fmt: skip

CONFIG = """
const js = require("@eslint/js");
const globals = require("globals");
const rules = Object.fromEntries(%s.map((name) => [name, "error"]));
module.exports = [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "off" },
    languageOptions: {
      globals: Object.assign({}, ...Object.values(globals)),
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
    rules,
  },
  { files: ["**/*.ts", "**/*.tsx"], languageOptions: { parser: require("typescript-eslint").parser },
    rules: { "no-undef": "off", "no-redeclare": "off", "no-dupe-class-members": "off", "no-unused-vars": "off" } },
];
"""

SILENCE = {
    "a rule switched off": re.compile(rb"eslint-disable|@ts-(?:ignore|nocheck|expect-error)"),
    "any": re.compile(rb"(?::|\bas|<)\s*any\b"),
    "an empty block": re.compile(rb"\)\s*\{\s*\}|\belse\s*\{\s*\}"),
    "code in a comment": re.compile(rb"//[^\n]*[;{}]\s*$|/\*[^*]*[;{}][^*]*\*/", re.MULTILINE),
    "a condition that never holds": re.compile(rb"\b(?:if|while)\s*\(\s*(?:false|0)\s*\)"),
}


def sample(corpus: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """Names and texts of files, spread over the repositories and with a name that ends as theirs."""
    files: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with corpus.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if language_of(row["path"]) and len(row["text"].encode()) <= LARGEST and ".min." not in row["path"]:
                files[row["repository"]].append((row["path"], row["text"]))
    chance = random.Random(seed)
    for found in files.values():
        chance.shuffle(found)
    chosen: list[tuple[str, str]] = []
    while len(chosen) < count and any(files.values()):
        chosen += [found.pop() for found in files.values() if found]
    return [(f"{number:04}{Path(path).suffix}", text) for number, (path, text) in enumerate(chosen[:count])]


def project(folder: Path, packages: Path, files: Iterable[tuple[str, str]]) -> Path:
    """A project with the files, the configuration and the packages."""
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "eslint.config.cjs").write_text(CONFIG % json.dumps(COMMON))
    (folder / "node_modules").symlink_to(packages / "node_modules")
    for name, text in files:
        (folder / "src" / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    return folder


def sources(folder: Path) -> list[SourceFile]:
    return [
        SourceFile(str(path), path.read_bytes(), language_of(path.name) or "javascript")
        for path in sorted((folder / "src").iterdir())
    ]


def lint(folder: Path) -> Linted:
    files = sources(folder)
    answers = ESLint(str(folder)).lint(files)
    return {
        # comments in the files configure rules of plugins that are not here
        Path(file.path).name: (file, tuple(one for one in answer or () if not one.message.startswith("Definition for")))
        for file, answer in zip(files, answers, strict=True)
    }


def run(command: Sequence[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{command}: {done.stderr[-2000:] or done.stdout[-2000:]}")
    return done.stdout


def counted(answer: Answer) -> Counter[tuple[str, str]]:
    """Findings by rule and message: code moves so much in a mended file that its lines cannot be compared."""
    return Counter((one.rule, re.sub(r"\b(line|column) \d+", r"\1", one.message)) for one in answer)


def compare(before: Linted, after: Linted) -> tuple[Counter[str], Counter[str], dict[str, Counter[tuple[str, str]]]]:
    """By rule: how many findings are gone, how many are new; and by file those that are left."""
    gone: Counter[str] = Counter()
    new: Counter[str] = Counter()
    left = {}
    for name, (_, answer) in before.items():
        known, now = counted(answer), counted(after[name][1])
        left[name] = known & now
        for (rule, _message), count in (known - now).items():
            gone[rule] += count
        for (rule, _message), count in (now - known).items():
            new[rule] += count
    return gone, new, left


def silences(before: Linted, after: Linted) -> dict[str, list[str]]:
    """What looks like silence -> the files in which there is more of it now."""
    return {
        kind: [
            name
            for name, (file, _) in before.items()
            if len(pattern.findall(after[name][0].text)) > len(pattern.findall(file.text))
        ]
        for kind, pattern in SILENCE.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--files", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder that does not exist yet, for the files before and after")
    args = parser.parse_args()
    files = sample(args.corpus, args.files, args.seed)
    with TemporaryDirectory(prefix="thea-benchmark-") as name:
        top = args.keep or Path(name)
        folders = {kind: project(top / kind, args.packages.resolve(), files) for kind in ("before", "eslint", "thea")}
        before = lint(folders["before"])
        for broken in [name for name, (_, answer) in before.items() if any(one.rule == PARSE_ERROR for one in answer)]:
            del before[broken]
            for folder in folders.values():
                (folder / "src" / broken).unlink()
        eslint = str(args.packages.resolve() / "node_modules" / ".bin" / "eslint")
        run([eslint, "--fix", "src"], folders["eslint"])
        flags = ["--isolated", "--no-cache", "--select", "syntax-error", "--fix", "--unsafe-fixes"]
        run([sys.executable, "-m", "thea_hook", "--with", "eslint", *flags, "src"], folders["thea"])
        result = summary(before, lint(folders["eslint"]), lint(folders["thea"]))
    show(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


def summary(before: Linted, eslint: Linted, thea: Linted) -> dict[str, Any]:
    found = Counter(one.rule for _, answer in before.values() for one in answer)
    eslint_gone, eslint_new, left = compare(before, eslint)
    thea_gone, thea_new, thea_left = compare(before, thea)
    remaining = Counter(rule for some in left.values() for rule, _ in some.elements())
    still = Counter(rule for name, some in left.items() for rule, _ in (some & thea_left[name]).elements())
    return {
        "files": len(before),
        "rules": {
            rule: {
                "found": count,
                "eslint": eslint_gone[rule],
                "thea": thea_gone[rule],
                "left by eslint": remaining[rule],
                "of these thea": remaining[rule] - still[rule],
            }
            for rule, count in found.most_common()
        },
        "new": {"eslint": dict(eslint_new), "thea": dict(thea_new)},
        "silence": silences(before, thea),
    }


def show(result: Mapping[str, Any]) -> None:
    rules: Mapping[str, Mapping[str, int]] = result["rules"]
    columns = ("found", "eslint", "thea", "left by eslint", "of these thea")
    summaries: list[str] = []
    print("| rule | findings | gone: `eslint --fix` | gone: thea-hook | left by `eslint --fix` | of these gone |")
    print("|---|--:|--:|--:|--:|--:|")
    for rule, row in rules.items():
        print(f"| `{rule}` | {' | '.join(str(row[column]) for column in columns)} |")
    for what, chosen in (
        ("all", rules),
        ("all but `no-undef`", {rule: rules[rule] for rule in rules if rule != "no-undef"}),
    ):
        total = {column: sum(row[column] for row in chosen.values()) for column in columns}
        print(f"| {what}, {len(chosen)} rules | {' | '.join(str(total[column]) for column in columns)} |")
        for tool in ("eslint", "thea"):
            new = sum(result["new"][tool].values())
            share = (total[tool] - new) / max(1, total["found"])
            mean = sum(row[tool] / row["found"] for row in chosen.values()) / max(1, len(chosen))
            summaries.append(f"{what}, {tool}: {share:.1%} ({total[tool]} gone, {new} new); mean of rules {mean:.1%}")
        share = total["of these thea"] / max(1, total["left by eslint"])
        summaries.append(f"{what}, of what `eslint --fix` leaves: {share:.1%}")
    print(f"\n{result['files']} files", *summaries, sep="\n")
    print("looks like silence:", {kind: names for kind, names in result["silence"].items() if names} or "nothing")


if __name__ == "__main__":
    sys.exit(main())
