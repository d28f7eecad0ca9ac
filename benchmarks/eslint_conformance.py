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


def adapt(folder: Path) -> list[dict[str, Any]]:
    """What the command line reports, in the form the scorer reads; offsets and columns count code points."""
    command = [sys.executable, "-m", "thea_hook", "--isolated", "--no-cache", "--no-respect-gitignore"]
    command += ["--select", "all", "--confidence", "0", "--output-format", "json", str(folder)]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environ)
    if done.returncode not in (0, 1):
        sys.exit(f"thea-hook ended with {done.returncode}")
    texts: dict[str, bytes] = {}
    reports = []
    for finding in json.loads(done.stdout)["findings"]:
        path = finding["path"]
        if path not in texts:
            texts[path] = Path(path).read_bytes()
        reports.append(_report(finding, texts[path]))
    return reports


def _report(finding: dict[str, Any], text: bytes) -> dict[str, Any]:
    def characters(offset: int) -> int:
        return len(text[:offset].decode("utf-8", "surrogatepass"))

    keys = ("path", "line", "column", "end_line", "end_column")
    edits = finding["fix"]["edits"] if finding["fix"] else ()
    return {
        **{key: finding[key] for key in keys},
        "rule": "parse-error" if finding["rule"] == "syntax-error" else finding["rule"],
        "edits": [[characters(edit["start_byte"]), characters(edit["end_byte"]), edit["text"]] for edit in edits],
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
