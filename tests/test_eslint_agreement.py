"""Tests of the comparison with ESLint in ``benchmarks``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.eslint_agreement import Place, Said, compare, fixes_agree  # noqa: E402

PLACE = Place("eqeqeq", "a.js", 1, 1, 0)


@pytest.mark.parametrize(
    ("ours", "eslint", "agree"),
    [
        (Said("", None), Said("", None), None),
        (Said("", "b"), Said("", None), None),
        (Said("", "b"), Said("", "b"), True),
        (Said("", "c"), Said("", "b"), False),
        (Said("", None), Said("", "b"), False),
        (Said("", "b"), Said("", None, ("a", "b")), True),
        (Said("", "c"), Said("", None, ("a", "b")), False),
        (Said("", None), Said("", None, ("a", "b")), None),
    ],
)
def test_fixes_agree_where_they_lead_to_the_same_text(ours: Said, eslint: Said, agree: bool | None) -> None:
    assert fixes_agree(ours, eslint) is agree


def test_two_findings_at_one_place_count_twice() -> None:
    second = PLACE._replace(nth=1)
    row = compare({PLACE: Said("", None)}, {PLACE: Said("", None), second: Said("", None)})["eqeqeq"]
    assert (row.both, row.only_eslint, row.only_ours) == ([PLACE], [second], [])


@pytest.mark.node
def test_every_common_rule_is_compared_on_javascript_and_typescript(tmp_path: Path) -> None:
    packages = Path(os.environ.get("THEA_NODE_PACKAGES", "")) / "node_modules"
    if not shutil.which("node") or not (packages / "@typescript-eslint/eslint-plugin").is_dir():
        pytest.skip("needs node, and THEA_NODE_PACKAGES naming a folder with eslint and its TypeScript plugin")
    (tmp_path / "mark.js").write_text("\ufeffvar a = '🙂'; if (a == 'b') debugger;\n", encoding="utf-8")
    (tmp_path / "types.ts").write_text("export let size: number = 1;\n")
    command = [sys.executable, ROOT / "benchmarks/eslint_agreement.py", "--packages", packages]
    done = subprocess.run([*command, "--json", tmp_path / "table.json", tmp_path], stdout=subprocess.PIPE, check=True)
    assert b"2 files" in done.stdout
    rules = json.loads((tmp_path / "table.json").read_text())["rules"]
    assert set(rules) == {"curly", "eqeqeq", "no-debugger", "no-inferrable-types", "no-var"}
    for row in rules.values():
        assert [row["only_eslint"], row["only_ours"], row["other_fix"]] == [[], [], []]
    assert len(rules["eqeqeq"]["same_fix"]) == 1
    assert len(rules["no-inferrable-types"]["same_fix"]) == 1
