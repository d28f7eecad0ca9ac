#!/usr/bin/env python3
"""Mends what ESLint finds in real files, with `eslint --fix` and with `thea-hook --with eslint`: how much is gone?

    other_linters.py --packages FOLDER --corpus FILE.jsonl [--each N | --files N] [--rules NAMES] [--seed N]

Lays out the repositories of a corpus (one JSON object a line with `repository`, `path`, `text`) and lints them with
all rules of ours that ESLint has too, and those of TFix (Berabi et al., ICML 2021). FOLDER has `node_modules` with
eslint 9 or newer, globals and typescript-eslint. Chosen are files until each rule has N findings, spread over the
repositories, or with `--files` N files whatever is found in them. Then each tool mends a copy of them, and ESLint, run
again, says what is left and what is new. A finding that a tool abstains from counts as not mended.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from thea_hook.core.source import SourceFile, language_of  # noqa: E402
from thea_hook.others.eslint import ESLint  # noqa: E402
from thea_hook.others.findings import PARSE_ERROR, Answer  # noqa: E402
from thea_hook.ruleset.loader import load  # noqa: E402


class Name(NamedTuple):
    """A file of the corpus."""

    repository: str
    path: str


Texts = dict[Name, str]
Linted = dict[Name, tuple[SourceFile, Answer]]
"""Name of a file -> its text and what ESLint says about it."""

LARGEST = 30_000
"""Bytes: larger files would make a small sample one of few files."""

SHARE = 60
"""Files of one repository that are linted: more would make the sample one of few repositories."""

TFIX = (
    "comma-style", "generator-star-spacing", "no-extend-native", "no-invalid-this",
    "no-new-object", "no-new-symbol", "no-process-exit",
)  # fmt: skip
"""Rules of its list that are not among ours; our own choose themselves."""

CONFIG = """
const globals = require("globals");
const { builtinRules } = require("eslint/use-at-your-own-risk");
const rules = Object.fromEntries(%s.filter((name) => builtinRules.has(name)).map((name) => [name, "error"]));
const jsxUses = {  // as the plugin for React has it: without this, ESLint takes what JSX uses for unused
  create: (context) => ({
    JSXIdentifier: (node) => context.sourceCode.markVariableAsUsed(node.name, node),
    "JSXOpeningElement, JSXOpeningFragment": (node) => context.sourceCode.markVariableAsUsed("React", node),
  }),
};
module.exports = [
  {
    plugins: { benchmark: { rules: { "jsx-uses": jsxUses } } },
    linterOptions: { noInlineConfig: false, reportUnusedDisableDirectives: "off" },
    languageOptions: {
      globals: Object.assign({}, ...Object.values(globals)),
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
    rules: { ...rules, "benchmark/jsx-uses": "error" },
  },
  { files: ["**/*.ts", "**/*.tsx", "**/*.mts", "**/*.cts"],
    languageOptions: { parser: require("typescript-eslint").parser },
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


def read(corpus: Path) -> Texts:
    with corpus.open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        return {
            Name(row["repository"].replace("/", "+"), row["path"]): row["text"]
            for row in rows
            if not re.search(r"(^|/)(eslint\.config\.|\.eslintrc)", row["path"])  # their packages are not here
        }


def linted_of(texts: Texts, seed: int) -> list[Name]:
    """The files that a sample is taken of, those of the repositories in turn."""
    files: dict[str, list[Name]] = defaultdict(list)
    for name, text in texts.items():
        if language_of(name.path) and len(text.encode()) <= LARGEST and ".min." not in name.path:
            files[name.repository].append(name)
    chance = random.Random(seed)
    for found in files.values():
        chance.shuffle(found)
    turns = zip_longest(*(found[:SHARE] for found in files.values()))
    return [name for turn in turns for name in turn if name is not None]


def enough_of_each(linted: Linted, each: int) -> list[Name]:
    """As few files as have `each` findings of every rule, or all that there are."""
    by_rule: dict[str, list[Name]] = defaultdict(list)
    found: dict[Name, Counter[str]] = {}
    for name, (_, answer) in linted.items():
        found[name] = Counter(one.rule for one in answer)
        for rule in found[name]:
            by_rule[rule].append(name)
    chosen: set[Name] = set()
    have: Counter[str] = Counter()
    for rule in sorted(by_rule, key=lambda rule: len(by_rule[rule])):
        for name in by_rule[rule]:
            if have[rule] < each and name not in chosen:
                chosen.add(name)
                have += found[name]
    return sorted(chosen)


def projects(top: Path, packages: Path, texts: Texts, rules: Sequence[str]) -> Path:
    """A folder for each repository, with its files, the configuration and the packages."""
    for name, text in texts.items():
        folder = top / name.repository
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "package.json").write_text("{}")
            (folder / "eslint.config.cjs").write_text(CONFIG % json.dumps(rules))
            (folder / "node_modules").symlink_to(packages / "node_modules")
        file = folder / name.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
    return top


def by_repository(names: Iterable[Name]) -> Iterator[tuple[str, list[Name]]]:
    grouped: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        grouped[name.repository].append(name)
    yield from grouped.items()


def lint(top: Path, names: Iterable[Name]) -> Linted:
    """What ESLint says about each file that it does not ignore."""
    linted: Linted = {}
    for repository, some in by_repository(names):
        folder = top / repository
        paths = [folder / name.path for name in some]
        files = [SourceFile(str(path), path.read_bytes(), language_of(path.name) or "javascript") for path in paths]
        for name, file, answer in zip(some, files, ESLint(str(folder)).lint(files), strict=True):
            if answer is not None:
                # comments in the files configure rules of plugins that are not here, and have settings of their own
                known = tuple(
                    one for one in answer if not re.match("Definition for|Rule .* is already configured", one.message)
                )
                linted[name] = (file, known)
    return linted


def mend(command: Sequence[str], top: Path, names: Iterable[Name]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    for repository, some in by_repository(names):
        arguments = [*command, *(name.path for name in some)]
        done = subprocess.run(
            arguments, cwd=top / repository, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 1):
            sys.exit(f"{command} in {repository}: {done.stderr[-2000:] or done.stdout[-2000:]}")


def counted(answer: Answer) -> Counter[tuple[str, str]]:
    """Findings by rule and message: code moves so much in a mended file that its lines cannot be compared."""
    return Counter((one.rule, re.sub(r"\b(line|column) \d+", r"\1", one.message)) for one in answer)


def compare(before: Linted, after: Linted) -> tuple[Counter[str], Counter[str], dict[Name, Counter[tuple[str, str]]]]:
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
            "/".join(name)
            for name, (file, _) in before.items()
            if len(pattern.findall(after[name][0].text)) > len(pattern.findall(file.text))
        ]
        for kind, pattern in SILENCE.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--each", type=int, default=20, help="findings of each rule")
    size.add_argument("--files", type=int, help="files, whatever is found in them")
    parser.add_argument("--rules", help="these rules of ESLint instead, separated by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder that does not exist yet, for the files before and after")
    args = parser.parse_args()
    rules = args.rules.split(",") if args.rules else [*load(), *TFIX]
    texts = read(args.corpus)
    packages = args.packages.resolve()
    with TemporaryDirectory(prefix="thea-benchmark-") as folder:
        top = args.keep or Path(folder)
        everything = lint(projects(top / "before", packages, texts, rules), linted_of(texts, args.seed))
        before = {name: one for name, one in everything.items() if all(said.rule != PARSE_ERROR for said in one[1])}
        chosen = list(before)[: args.files] if args.files else enough_of_each(before, args.each)
        texts = {name: text for name, text in texts.items() if name.repository in {name.repository for name in chosen}}
        eslint = str(packages / "node_modules" / ".bin" / "eslint")
        flags = ["--isolated", "--no-cache", "--select", "syntax-error", "--fix", "--unsafe-fixes"]
        thea = [sys.executable, "-m", "thea_hook", "--with", "eslint", *flags]
        after = []
        for kind, command in (("eslint", [eslint, "--fix"]), ("thea", thea)):
            copy = projects(top / kind, packages, texts, rules)
            mend(command, copy, chosen)
            after.append(lint(copy, chosen))
        result = summary({name: before[name] for name in chosen}, *after)
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
