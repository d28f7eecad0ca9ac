#!/usr/bin/env python3
"""Compares our findings and fixes with ESLint's on real code, rule by rule.

    eslint_agreement.py --packages NODE_MODULES [--rules RULE,...] [--options JSON] [--show N] [--json FILE] FOLDER...

Runs ESLint (from NODE_MODULES, with the parser of typescript-eslint for TypeScript, and its rule where it has one of
the name) and our rules over the same files: every rule that both have, or the named ones, each with its default options
or those of JSON (``{rule: {option: value}}``, in our names).
A finding agrees where rule, file, line and column do. Its fix agrees where both lead to the same text; where ESLint has
suggestions only, ours has to be one of them if we have one, and where it has neither there is nothing to compare.
Prints a table: findings of both, of ESLint alone, of ours alone; fixes that agree, that do not. ``--show N`` adds the
first N disagreements of each kind. Needs Node.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from thea_hook.core.patch import apply_edits
from thea_hook.core.source import Language, SourceFile, language_of
from thea_hook.languages.environments import globals_for
from thea_hook.languages.grammars import module_of
from thea_hook.ruleset.engine import ActiveRule, RuleEngine
from thea_hook.ruleset.loader import load

ENVIRONMENTS = ("builtin", "node", "browser")
SKIPPED_FOLDERS = frozenset({"node_modules", ".git"})
LARGEST = 400_000
"""Bytes; larger files are generated or minified."""
BYTE_ORDER_MARK = "\ufeff"


class Place(NamedTuple):
    rule: str
    path: str
    line: int
    column: int
    nth: int
    """How many findings of the rule come before it at the very same place."""


class Said(NamedTuple):
    """What a linter says about a place, and the texts of the file after its fix, and after each of its suggestions."""

    message: str
    fixed: str | None
    suggested: tuple[str, ...] = ()


class Agreement(NamedTuple):
    """The places of one rule."""

    both: list[Place]
    only_eslint: list[Place]
    only_ours: list[Place]
    same_fix: list[Place]
    other_fix: list[Place]


def sources(folder: Path) -> list[SourceFile]:
    """The files below a folder that both can read."""
    found = []
    for path in sorted(folder.rglob("*")):
        language = language_of(path.name)
        below = path.relative_to(folder).parts
        if language is None or SKIPPED_FOLDERS & set(below) or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        file = SourceFile(str(path), path.read_bytes(), language)
        if ".min." not in path.name and not module_of(file).root.has_error:
            found.append(file)
    return found


def eslint_findings(
    packages: Path, folder: Path, files: Sequence[SourceFile], rules: Sequence[ActiveRule]
) -> tuple[dict[Place, Said], set[str]]:
    """What ESLint says, and the files it could not read."""
    request = {
        "files": [file.path for file in files],
        "scripts": [
            Path(file.path).relative_to(folder).as_posix()
            for file in files
            if file.language == "javascript" and module_of(file).kind == "script"
        ],
        "globals": globals_for(ENVIRONMENTS),
        "javascript": _eslint_rules(packages, "javascript", rules),
        "typescript": _eslint_rules(packages, "typescript", rules),
    }
    runner = Path(__file__).with_suffix(".mjs")
    done = subprocess.run(
        ["node", runner, packages.resolve().parent, folder], input=json.dumps(request).encode(), stdout=subprocess.PIPE
    )
    if done.returncode:
        sys.exit(done.returncode)
    answer = json.loads(done.stdout)
    texts = {file.path: file.text.decode("utf-8", "replace") for file in files}
    found: dict[Place, Said] = {}
    for raw in answer["findings"]:
        text = texts[raw["path"]]
        place = _free_place(found, raw["rule"], raw["path"], raw["line"], raw["column"])
        suggested = tuple(_changed(text, *change) for change in raw["suggestions"])
        found[place] = Said(raw["message"], _changed(text, *raw["fix"]) if raw["fix"] else None, suggested)
    return found, set(answer["unread"])


def _free_place(found: Mapping[Place, Said], rule: str, path: str, line: int, column: int) -> Place:
    place = Place(rule, path, line, column, 0)
    while place in found:
        place = place._replace(nth=place.nth + 1)
    return place


def _changed(text: str, start: int, end: int, new: str) -> str:
    """The text after a change in UTF-16 units, which do not count a byte order mark."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    if start < 0:
        mark, start = "", 0
    units = text.removeprefix(BYTE_ORDER_MARK).encode("utf-16-le")
    changed = units[: 2 * start] + new.encode("utf-16-le", "surrogatepass") + units[2 * end :]
    return mark + changed.decode("utf-16-le", "surrogatepass")


def _eslint_rules(packages: Path, language: Language, rules: Iterable[ActiveRule]) -> dict[str, list[Any]]:
    """ESLint's settings of our rules; its TypeScript plugin's rule where it has one that needs no type checker."""
    by_name = {active.rule.id: active for active in rules if language in active.languages}
    core = _names_in(packages / "eslint/lib/rules") & set(by_name)
    plugin: set[str] = set()
    if language == "typescript":
        plugin = _names_in(packages / "@typescript-eslint/eslint-plugin/dist/rules") & set(by_name)
    names = {**{name: name for name in core - plugin}, **{name: f"@typescript-eslint/{name}" for name in plugin}}
    return {names[name]: ["error", *_eslint_options(by_name[name])] for name in sorted(names)}


def _names_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.js") if "requiresTypeChecking: true" not in path.read_text()}


def _eslint_options(active: ActiveRule) -> list[Any]:
    """Options that are not our defaults, as ESLint takes them: the mode as a string, then an object."""
    defaults = {name: option.default for name, option in active.rule.options.items()}
    changed = {name: value for name, value in active.options.items() if value != defaults[name]}
    if not changed:
        return []
    mode = [active.options["mode"]] if "mode" in defaults else []
    changed.pop("mode", None)
    if changed.pop("consistent", False):  # of curly, which takes it as a second string
        return [*mode, "consistent"]
    return [*mode, changed] if changed else mode


def our_findings(files: Iterable[SourceFile], rules: Sequence[ActiveRule]) -> dict[Place, Said]:
    """What we say. Columns are UTF-16 units, as ESLint counts."""
    engine = RuleEngine(rules, globals=globals_for(ENVIRONMENTS))
    found: dict[Place, Said] = {}
    for file in files:
        for finding in sorted(engine.check(file), key=lambda finding: finding.sort_key):
            line, column = file.position(finding.span.start)
            head = file.line(line).decode("utf-8", "replace")[: column - 1]
            place = _free_place(
                found, finding.rule_id, file.path, line, len(head.encode("utf-16-le", "surrogatepass")) // 2 + 1
            )
            fixed = apply_edits(file.text, finding.fix.edits).decode("utf-8", "replace") if finding.fix else None
            found[place] = Said(finding.message, fixed)
    return found


def chosen_rules(
    packages: Path, names: Sequence[str] = (), options: Mapping[str, Mapping[str, Any]] | None = None
) -> list[ActiveRule]:
    """The rules, of these names or all, that ESLint or its TypeScript plugin has too."""
    known = load()
    all_rules = [
        ActiveRule.of(rule, options=dict((options or {}).get(rule.id, {})))
        for rule in (known.values() if not names else map(known.__getitem__, names))
    ]
    languages: tuple[Language, ...] = ("javascript", "typescript")
    settings = (name for language in languages for name in _eslint_rules(packages, language, all_rules))
    theirs = {name.rpartition("/")[2] for name in settings}
    return [active for active in all_rules if active.rule.id in theirs]


def fixes_agree(ours: Said, eslint: Said) -> bool | None:
    """Whether both fixes lead to the same text; None where there is nothing to compare."""
    if eslint.fixed is not None:
        return ours.fixed == eslint.fixed
    if ours.fixed is None or not eslint.suggested:
        return None
    return ours.fixed in eslint.suggested


def compare(ours: Mapping[Place, Said], eslint: Mapping[Place, Said]) -> dict[str, Agreement]:
    table: dict[str, Agreement] = defaultdict(lambda: Agreement([], [], [], [], []))
    for place in sorted({*ours, *eslint}):
        row = table[place.rule]
        if place not in eslint:
            row.only_ours.append(place)
        elif place not in ours:
            row.only_eslint.append(place)
        else:
            row.both.append(place)
            agree = fixes_agree(ours[place], eslint[place])
            if agree is not None:
                (row.same_fix if agree else row.other_fix).append(place)
    return dict(sorted(table.items()))


def print_table(table: Mapping[str, Agreement]) -> None:
    print("| rule | both | only ESLint | only ours | same fix | other fix |\n|---|---:|---:|---:|---:|---:|")
    for rule, row in table.items():
        print("|", rule, "|", " | ".join(str(len(part)) for part in row), "|")
    print("| all |", " | ".join(str(sum(map(len, parts))) for parts in zip(*table.values(), strict=True)), "|")


def print_examples(
    table: Mapping[str, Agreement], ours: Mapping[Place, Said], eslint: Mapping[Place, Said], most: int
) -> None:
    for rule, row in table.items():
        for title, places in (("only ESLint", row.only_eslint), ("only ours", row.only_ours), ("fix", row.other_fix)):
            for place in places[:most]:
                text = Path(place.path).read_bytes().decode("utf-8", "replace")
                line = text.split("\n")[place.line - 1].strip()
                said = ours.get(place) or eslint[place]
                print(f"\n{rule}, {title}: {said.message}\n  {place.path}:{place.line}:{place.column}\n  {line[:160]}")
                if title == "fix":
                    theirs = eslint[place].fixed
                    print(f"  ours:   {_difference(text, ours[place].fixed)}")
                    print(f"  ESLint: {_difference(text, theirs)}")
                    for suggested in eslint[place].suggested if theirs is None else ():
                        print(f"  ESLint suggests: {_difference(text, suggested)}")


def _difference(text: str, fixed: str | None) -> str:
    """The changed part of a text, before and after, with a few characters of its surroundings."""
    if fixed is None:
        return "no fix"
    start = next((at for at, (old, new) in enumerate(zip(text, fixed, strict=False)) if old != new), len(text))
    most = min(len(text), len(fixed)) - start
    end = next((at for at in range(most) if text[-1 - at] != fixed[-1 - at]), most)
    start, end = max(start - 20, 0), max(end - 20, 0)
    return f"{text[start : len(text) - end]!r} -> {fixed[start : len(fixed) - end]!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--packages", type=Path, required=True, help="a node_modules folder with eslint in it")
    parser.add_argument("--rules", default="", help="comma-separated; default: all that both have")
    parser.add_argument("--options", type=json.loads, default={}, metavar="JSON", help="{rule: {option: value}}")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path, help="where to write the table and every place")
    args = parser.parse_args()
    rules = chosen_rules(args.packages, args.rules.split(",") if args.rules else (), args.options)
    ours: dict[Place, Said] = {}
    eslint: dict[Place, Said] = {}
    count = 0
    for folder in map(Path.resolve, args.folders):
        files = sources(folder)
        found, unread = eslint_findings(args.packages, folder, files, rules)
        eslint |= found
        files = [file for file in files if file.path not in unread]
        ours |= our_findings(files, rules)
        count += len(files)
    table = compare(ours, eslint)
    print(f"{count} files, {len(rules)} rules\n")
    print_table(table)
    print_examples(table, ours, eslint, args.show)
    if args.json:
        args.json.write_text(json.dumps({"files": count, "rules": {r: row._asdict() for r, row in table.items()}}))


if __name__ == "__main__":
    main()
