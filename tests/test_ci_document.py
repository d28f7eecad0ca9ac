"""The comparison in docs/ci.md names a test for each of its lines, and these tests exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def comparison() -> list[list[str]]:
    """The cells of the table's lines."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    lines = text.partition("### Beside other actions")[2].partition("\n#")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def test_every_line_of_the_comparison_is_shown_by_a_test() -> None:
    tests = {
        name
        for path in (ROOT / "tests" / "github_action").glob("test_*.py")
        for name in re.findall(r"(?m)^def (test_\w+)", path.read_text("utf-8"))
    }
    named = [re.findall(r"`(test_\w+)`", row[-1]) for row in comparison()]
    assert len(named) > 20
    assert [row for row, names in zip(comparison(), named, strict=True) if not names] == []
    assert sorted({name for names in named for name in names} - tests) == []


def test_every_line_says_something_about_each_action() -> None:
    assert [row for row in comparison() if len(row) != 7 or not all(row)] == []
