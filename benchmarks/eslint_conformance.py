#!/usr/bin/env python3
"""Scores the rules on ESLint's rule cases, given as data.

    eslint_conformance.py [RULE...] [--cases DIR] [--scorer FILE] [--subset same] [--out report.json] [--show N]

DIR holds ``<rule>.jsonl`` files, FILE is the scorer that runs a linter over them (default: the variables
``THEA_ESLINT_CASES`` and ``THEA_RULES_SCORE``). Prints the scorer's table, and with ``--show N`` the first N misses of
each rule with their code. Cases of ``ts.<rule>`` and ``tsbase.<rule>`` are run with our rule of the plain name, as one
rule serves both languages here.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


def adapt(folder: Path) -> list[dict[str, Any]]:
    """The findings in the form the scorer reads: one sub-folder per case file name, checked with that rule alone."""
    from thea_hook.languages.environments import globals_for

    from thea_hook.core.source import SourceFile, language_of
    from thea_hook.ruleset.engine import ActiveRule, RuleEngine
    from thea_hook.ruleset.loader import load

    reports = []
    for sub in sorted(folder.iterdir()):
        rule = load().get(our_name(sub.name))
        if rule is None:
            continue
        engine = RuleEngine([ActiveRule.of(rule)], globals=globals_for(("builtin",)))
        for path in sorted(sub.iterdir()):
            language = language_of(path.name)
            assert language is not None
            file = SourceFile(path.name, path.read_bytes(), language)
            if engine_fails := _parse_error(file):
                reports.append({"path": str(path), "rule": "parse-error", **engine_fails})
            reports += [_report(path, file, finding) for finding in engine.check(file)]
    return reports


def _parse_error(file: Any) -> dict[str, int] | None:
    from thea_hook.languages.grammars import module_of

    return {"line": 1, "column": 1} if module_of(file).root.has_error else None


def _report(path: Path, file: Any, finding: Any) -> dict[str, Any]:
    start, end = (file.position(offset) for offset in finding.span)

    def characters(offset: int) -> int:
        return len(file.text[:offset].decode("utf-8", "surrogatepass"))

    edits = [
        [characters(edit.span.start), characters(edit.span.end), edit.text.decode("utf-8", "surrogatepass")]
        for edit in (finding.fix.edits if finding.fix else ())
    ]
    return {
        "path": str(path),
        "rule": finding.rule_id,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "edits": edits,
    }


def our_name(case_file: str) -> str:
    return case_file.removeprefix("tsbase.").removeprefix("ts.")


def show_misses(report: dict[str, Any], files: Path, cases: Path, most: int) -> None:
    for rule, misses in sorted(report["misses"].items()):
        known = {case["id"].rsplit("/", 1)[1]: case for case in map(json.loads, (cases / f"{rule}.jsonl").open())}
        for kind, name, *new in misses[:most]:
            case = known[Path(name).name.split(".")[0][1:]]
            print(f"\n--- {rule}: {kind} ({name})\n{(files / name).read_text('utf-8', 'replace')}")
            if case["errors"]:
                print(f"--- expected: {[(e['line'], e['column']) for e in case['errors']]}")
            if kind == "fix":
                print(f"--- wanted:\n{case['output']}\n--- got:\n{new[0] if new else None}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--cases", default=os.environ.get("THEA_ESLINT_CASES"))
    parser.add_argument("--scorer", default=os.environ.get("THEA_RULES_SCORE"))
    parser.add_argument("--subset", default="same", choices=["core", "same", "default", "all"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=int, default=0, metavar="N")
    parser.add_argument("--adapt", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.adapt:
        json.dump(adapt(args.adapt), sys.stdout)
        return
    if not args.cases or not args.scorer:
        parser.error("--cases and --scorer (or THEA_ESLINT_CASES and THEA_RULES_SCORE) are needed")
    cases = Path(args.cases)
    names = sorted(path.stem for path in cases.glob("*.jsonl"))
    wanted = [name for name in names if not args.rules or our_name(name) in args.rules or name in args.rules]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "map.json").write_text(json.dumps({name: our_name(name) for name in names}))
        out = args.out or work / "report.json"
        command = shlex.join([sys.executable, __file__, "--adapt", "{dir}"])
        done = subprocess.run(
            [
                *(sys.executable, args.scorer, "score", "--cases", cases, "--work", work / "run"),
                *("--map", work / "map.json", "--rules", ",".join(wanted)),
                *("--subset", args.subset, "--cmd", command, "--out", out),
            ],
        )
        if done.returncode:
            sys.exit(done.returncode)
        if args.show:
            show_misses(json.loads(out.read_text()), work / "run" / "files", cases, args.show)


if __name__ == "__main__":
    main()
