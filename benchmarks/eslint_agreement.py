#!/usr/bin/env python3
"""Compares our findings with ESLint's on real code, rule by rule.

    eslint_agreement.py --packages NODE_MODULES_DIR [--rules RULE,...] [--show N] [--json FILE] FOLDER...

Runs ESLint (from NODE_MODULES_DIR, with @typescript-eslint's parser for TypeScript, and its rule where it has one of
the name) and our rules over the same files, each with its default options.
A finding agrees where rule, file, line and column do. Prints a table: findings of both, of ESLint alone, of ours alone;
``--show N`` adds the first N of the latter two for each rule. Needs Node.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from thea_hook.core.source import Language, SourceFile, language_of
from thea_hook.languages.environments import globals_for
from thea_hook.languages.grammars import module_of
from thea_hook.ruleset.engine import ActiveRule, RuleEngine
from thea_hook.ruleset.loader import load

ENVIRONMENTS = ("builtin", "node", "browser")
SKIPPED_FOLDERS = frozenset({"node_modules", ".git"})
LARGEST = 400_000
"""Bytes; larger files are generated or minified."""


class Place(NamedTuple):
    rule: str
    path: str
    line: int
    column: int


class Agreement(NamedTuple):
    """The places of one rule."""

    both: list[Place]
    only_eslint: list[Place]
    only_ours: list[Place]


def sources(folder: Path) -> list[SourceFile]:
    """The files below a folder that both can read."""
    found = []
    for path in sorted(folder.rglob("*")):
        language = language_of(path.name)
        below = path.relative_to(folder).parts
        if language is None or SKIPPED_FOLDERS & set(below) or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        file = SourceFile(str(path), path.read_bytes(), language)
        if b".min." not in path.name.encode() and not module_of(file).root.has_error:
            found.append(file)
    return found


def eslint_findings(
    packages: Path, folder: Path, files: Sequence[SourceFile], rules: Sequence[ActiveRule]
) -> tuple[dict[Place, str], set[str]]:
    """ESLint's findings with their messages, and the files it could not read."""
    request = {
        "files": [file.path for file in files],
        "scripts": [
            Path(file.path).relative_to(folder).as_posix()
            for file in files
            if file.language == "javascript" and module_of(file).kind == "script"
        ],
        "globals": globals_for(ENVIRONMENTS),
        "javascript": dict.fromkeys(_names_in(packages / "eslint/lib/rules", _for("javascript", rules)), "error"),
        "typescript": _typescript_names(packages, _for("typescript", rules)),
    }
    runner = Path(__file__).with_suffix(".mjs")
    done = subprocess.run(
        ["node", runner, packages.resolve().parent, folder], input=json.dumps(request).encode(), stdout=subprocess.PIPE
    )
    if done.returncode:
        sys.exit(done.returncode)
    answer = json.loads(done.stdout)
    findings = {
        Place(raw["rule"], raw["path"], raw["line"], raw["column"]): raw["message"] for raw in answer["findings"]
    }
    return findings, set(answer["unread"])


def _for(language: Language, rules: Iterable[ActiveRule]) -> list[str]:
    return [active.rule.id for active in rules if language in active.languages]


def _names_in(folder: Path, rules: Iterable[str]) -> list[str]:
    known = {path.stem for path in folder.glob("*.js")}
    return sorted(known & set(rules))


def _typescript_names(packages: Path, rules: Iterable[str]) -> dict[str, str]:
    """The plugin's rule where it has one of the name, else ESLint's own."""
    own = set(_names_in(packages / "@typescript-eslint/eslint-plugin/dist/rules", rules))
    base = set(_names_in(packages / "eslint/lib/rules", rules)) - own
    return {**dict.fromkeys((f"@typescript-eslint/{name}" for name in own), "error"), **dict.fromkeys(base, "error")}


def our_findings(files: Iterable[SourceFile], rules: Sequence[ActiveRule]) -> dict[Place, str]:
    """Our findings with their messages. Columns are UTF-16 units, as ESLint counts."""
    engine = RuleEngine(rules, globals=globals_for(ENVIRONMENTS))
    found = {}
    for file in files:
        for finding in engine.check(file):
            line, column = file.position(finding.span.start)
            head = file.line(line).decode("utf-8", "replace")[: column - 1]
            place = Place(finding.rule_id, file.path, line, len(head.encode("utf-16-le")) // 2 + 1)
            found[place] = finding.message
    return found


def chosen_rules(packages: Path, names: Sequence[str]) -> list[ActiveRule]:
    """The rules of these names that ESLint has too; without names, what we recommend in each language."""
    known = load()
    eslint_has = {name.rpartition("/")[2] for name in _typescript_names(packages, names or known)}
    if names:
        return [ActiveRule.of(known[name]) for name in names if name in eslint_has]
    recommended = (rule for rule in known.values() if rule.recommended and rule.id in eslint_has)
    return [ActiveRule.of(rule, languages=rule.recommended_for) for rule in recommended]


def compare(ours: Iterable[Place], eslint: Iterable[Place]) -> dict[str, Agreement]:
    table: dict[str, Agreement] = defaultdict(lambda: Agreement([], [], []))
    ours, eslint = set(ours), set(eslint)
    for place in sorted(ours | eslint):
        row = table[place.rule]
        group = row.both if place in ours and place in eslint else row.only_ours if place in ours else row.only_eslint
        group.append(place)
    return dict(sorted(table.items()))


def print_table(table: Mapping[str, Agreement]) -> None:
    print("| rule | both | only ESLint | only ours |\n|---|---:|---:|---:|")
    for rule, row in table.items():
        print(f"| {rule} | {len(row.both)} | {len(row.only_eslint)} | {len(row.only_ours)} |")
    sums = [sum(len(row[part]) for row in table.values()) for part in range(3)]
    print(f"| all | {sums[0]} | {sums[1]} | {sums[2]} |")


def print_examples(table: Mapping[str, Agreement], messages: Mapping[Place, str], most: int) -> None:
    for rule, row in table.items():
        for title, places in (("only ESLint", row.only_eslint), ("only ours", row.only_ours)):
            for place in places[:most]:
                line = Path(place.path).read_bytes().decode("utf-8", "replace").split("\n")[place.line - 1].strip()
                print(
                    f"\n{rule}, {title}: {messages[place]}\n  {place.path}:{place.line}:{place.column}\n  {line[:160]}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--packages", type=Path, required=True, help="a node_modules folder with eslint in it")
    parser.add_argument("--rules", default="", help="comma-separated; default: in each language what we recommend")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path, help="where to write the table and every place")
    args = parser.parse_args()
    rules = chosen_rules(args.packages, args.rules.split(",") if args.rules else [])
    ours: dict[Place, str] = {}
    theirs: dict[Place, str] = {}
    count = 0
    for folder in map(Path.resolve, args.folders):
        files = sources(folder)
        findings, unread = eslint_findings(args.packages, folder, files, rules)
        theirs |= findings
        files = [file for file in files if file.path not in unread]
        ours |= our_findings(files, rules)
        count += len(files)
    table = compare(ours, theirs)
    print(f"{count} files, {len(rules)} rules\n")
    print_table(table)
    print_examples(table, {**ours, **theirs}, args.show)
    if args.json:
        args.json.write_text(json.dumps({"files": count, "rules": {r: row._asdict() for r, row in table.items()}}))


if __name__ == "__main__":
    main()
