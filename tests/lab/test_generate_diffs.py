from __future__ import annotations

import json
from pathlib import Path

import pytest

from thea_hook.errors import UsageError
from thea_hook.lab.generate_diffs import main
from thea_hook.languages import oracle

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")

TEXT = "".join(
    f"export function add{number}(a, b) {{\n  if (a === {number}) return b;\n  return [a, b].map((x) => x + 1);\n}}\n"
    for number in range(4)
)


def test_every_cycle_breaks_every_file_and_leaves_it_as_it_was(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.js").write_text(TEXT)
    (project / "b.ts").write_text(TEXT)
    (project / "c.js").write_text("function (\n")
    assert main(["--cycles", "2", "--models", "none", "--output", "diffs", "."]) == 0
    diffs = sorted((project / "diffs").glob("cycle-*/*.diff"))
    assert [path.name.split(".")[0] for path in diffs] == ["0001-a", "0002-b"] * 2
    assert (project / "a.js").read_text() == TEXT
    summary = json.loads((project / "diffs" / "summary.json").read_text("utf-8"))
    assert summary["cases"] == 4
    assert summary["exact"]["hits"] == sum(".exact." in path.name for path in diffs)
    assert capsys.readouterr().out.startswith("4 broken texts of 2 files: ")


def test_a_diff_leads_from_the_broken_text_to_the_mended_one(project: Path) -> None:
    (project / "a.js").write_text(TEXT)
    main(["--cycles", "12", "--models", "none", "--output", "diffs", "a.js"])
    mended = list((project / "diffs").glob("*/*.exact.diff"))
    assert mended
    assert all(path.read_bytes().startswith(b"--- a/a.js\n+++ b/a.js\n@@ ") for path in mended)
    assert all(path.read_bytes() == b"" for path in (project / "diffs").glob("*/*.broken.diff"))


def test_no_file_that_parses_is_a_usage_error(project: Path) -> None:
    (project / "a.js").write_text("function (\n")
    with pytest.raises(UsageError, match="parses"):
        main([str(project)])
