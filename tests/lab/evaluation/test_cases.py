from __future__ import annotations

import json
from pathlib import Path

import pytest

from thea_hook.errors import UsageError
from thea_hook.lab.corpus.breakages import Breakage, write
from thea_hook.lab.evaluation.cases import LARGER, load, sample, size_class
from thea_hook.languages import oracle
from thea_hook.languages.oracle import Answer, judge

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")


def module(number: int) -> str:
    """A file of forty lines that is like no other."""
    lines = [f"export function f{number}x{line}(a, b) {{ return [a, b, {line}]; }}" for line in range(40)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab with a few files of three repositories, and two versions that do not parse."""
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    files = [
        {
            "repository": f"owner/{number % 3}",
            "path": f"src/{number}.js",
            "language": "javascript",
            "text": module(number),
        }
        for number in range(9)
    ]
    files.append({**files[0], "path": "short.js", "text": "f();\n"})
    whole = module(50)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "valid.jsonl").write_text("".join(json.dumps(row) + "\n" for row in files), "utf-8")
    pairs = [
        pair(0, whole.replace("(a, b)", "(a b)", 1), whole + "f(1, 2, 3);\n", whole),
        pair(1, "{" * 30 + whole, whole, whole),
        pair(2, whole, whole + "f();\n", whole),
    ]
    write(tmp_path / "broken" / "valid.jsonl", pairs)
    return tmp_path


def pair(number: int, before: str, after: str, mended: str) -> Breakage:
    versions = {"before": before.encode(), "after": after.encode(), "mended": mended.encode()}
    return Breakage(f"owner/{number}", f"src/{number}.js", "javascript", commit="1" * 40, kind="some kind", **versions)


def test_synthetic_cases_are_broken_and_their_references_parse(lab: Path) -> None:
    cases = load("synthetic-1", "valid", single=12)
    assert len(cases) == 12
    assert {verdict.answer for verdict in judge([case.file for case in cases])} == {Answer.BROKEN}
    assert all(case.after.decode() == module(int(Path(case.path).stem)) for case in cases)
    assert all(len(case.kinds) == 1 for case in cases)


def test_repositories_take_turns_and_short_files_are_left_out(lab: Path) -> None:
    cases = load("synthetic-1", "valid", single=9)
    assert {case.repository for case in cases[:3]} == {"owner/0", "owner/1", "owner/2"}
    assert "short.js" not in {case.path for case in cases}


def test_texts_with_several_mistakes_have_two_to_five(lab: Path) -> None:
    cases = load("synthetic-n", "valid", multiple=8)
    assert {len(case.kinds) for case in cases} <= {2, 3, 4, 5}
    assert len({len(case.kinds) for case in cases}) > 2


def test_cases_are_made_once_and_kept(lab: Path) -> None:
    cases = load("synthetic-1", "valid", single=6)
    (lab / "corpus" / "valid.jsonl").unlink()
    assert load("synthetic-1", "valid") == cases


def test_real_cases_fail_before_parse_after_and_have_the_class_of_their_reference(lab: Path) -> None:
    cases = load("real", "valid")
    assert [(case.path, case.kinds) for case in cases] == [
        ("src/0.js", ("reference of 6 to 15 lexemes", "some kind")),
        ("src/1.js", (LARGER, "some kind")),
    ]


def test_the_part_of_the_next_version_that_mends_is_a_reference_of_its_own(lab: Path) -> None:
    whole, repair = load("real", "valid")[0], load("real-repairs", "valid")[0]
    assert repair.kinds == ("reference within 1 lexeme", "some kind")
    assert repair.before == whole.before
    assert whole.after == repair.after + b"f(1, 2, 3);\n"


def test_unbroken_cases_are_their_own_reference(lab: Path) -> None:
    cases = load("unbroken", "valid")
    assert all(case.before == case.after for case in cases)
    assert {case.kinds for case in cases} == {("file of the corpus",), ("repaired version",)}
    assert len(cases) == 11


def test_a_sample_keeps_the_order_and_is_always_the_same(lab: Path) -> None:
    cases = load("synthetic-1", "valid", single=12)
    chosen = sample(cases, 5)
    assert chosen == sample(cases, 5) == [case for case in cases if case in chosen]
    assert sample(cases, 50) == cases


@pytest.mark.parametrize(
    ("before", "size"),
    [
        (b"f(a b c d)", "reference of 2 to 5 lexemes"),
        (b"f(a, b, c, d", "reference within 1 lexeme"),
        (b"f(a, b, c, d) x x x x x x x", "reference of 6 to 15 lexemes"),
    ],
)
def test_the_class_is_the_number_of_lexemes_that_differ(before: bytes, size: str) -> None:
    assert size_class(before, b"f(a, b, c, d)", "javascript") == size


def test_an_unknown_set_is_a_usage_error(lab: Path) -> None:
    with pytest.raises(UsageError, match="synthetic-1"):
        load("synthetic", "valid")


def test_the_command_prints_the_tables_and_writes_figures_and_details(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from thea_hook.lab.evaluation.syntax import main

    details = lab / "details.jsonl"
    flags = ["--single", "4", "--multiple", "2", "--models", "none", "--details", str(details)]
    assert main(["--sets", "synthetic-1,real,unbroken", *flags]) == 0
    printed = capsys.readouterr()
    assert "| synthetic-1 | 4 |" in printed.out
    assert "0 changed by `--fix`" in printed.out
    assert "real, 2 of 2" in printed.err
    figures = json.loads((lab / "evaluation" / "figures-valid-product.json").read_text("utf-8"))
    assert [result["set"] for result in figures["results"]] == ["synthetic-1", "real", "unbroken"]
    assert figures["results"][2]["all"]["changed"]["hits"] == 0
    rows = [json.loads(line) for line in details.read_text("utf-8").splitlines()]
    assert len(rows) == 4 + 2 + 11
    assert rows[0]["reference"].startswith("--- ")


def test_an_unknown_system_is_a_usage_error(lab: Path) -> None:
    from thea_hook.lab.evaluation.syntax import main

    with pytest.raises(UsageError, match="eslint"):
        main(["--sets", "real", "--systems", "jshint"])
