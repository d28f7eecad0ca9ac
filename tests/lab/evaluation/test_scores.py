from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError, UsageError
from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.report import markdown, result_of
from thea_hook.lab.evaluation.scores import by_kind, by_source, evaluate, figures
from thea_hook.lab.evaluation.syntax import MARKS, insert, read_figures
from thea_hook.lab.evaluation.systems import Outcome, Product
from thea_hook.languages import oracle

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")

COMMA = Case("a/a", "a.js", "javascript", b"f(a b);\n", b"f(a, b);\n", ("missing comma",))
BRACKET = Case("b/b", "b.js", "javascript", b"f(a;\n", b"f(a);\n", ("missing bracket",))


class Fake:
    """Gives the same answer to every text."""

    name = "fake"
    rewrites = False

    def __init__(self, best: bytes, sure: bytes | None = None, confidence: float | None = None) -> None:
        self._best, self._sure, self._confidence = best, sure, confidence

    def repair(self, files: Sequence[SourceFile]) -> list[Outcome]:
        return [
            Outcome(True, self._best, file.text if self._sure is None else self._sure, 0.01, self._confidence)
            for file in files
        ]


def test_an_exact_repair_counts_in_every_column() -> None:
    (score,) = evaluate(Fake(COMMA.after, COMMA.after), [COMMA])
    assert score.restored
    assert score.exact
    assert score.exact_but_spaces
    assert score.applied_exact


def test_a_text_that_parses_is_not_yet_exact() -> None:
    (score,) = evaluate(Fake(b"f(a);\n"), [COMMA])
    assert score.restored
    assert not score.exact
    assert not score.applied


def test_white_space_has_a_column_of_its_own() -> None:
    (score,) = evaluate(Fake(b"f(a ,b);\n"), [COMMA])
    assert score.exact_but_spaces
    assert not score.exact


def test_precision_is_the_share_of_what_was_applied() -> None:
    found = figures([*evaluate(Fake(COMMA.after, COMMA.after), [COMMA]), *evaluate(Fake(BRACKET.before), [BRACKET])])
    assert (found.applied.hits, found.applied.total) == (1, 2)
    assert (found.applied_exact.hits, found.applied_exact.total) == (1, 1)
    assert found.cases == found.repositories == 2


class Printer(Fake):
    """Writes every text on one line, mended or not."""

    rewrites = True

    def repair(self, files: Sequence[SourceFile]) -> list[Outcome]:
        printed = [file.text.replace(b"\n", b"").replace(b"a b", b"a, b") for file in files]
        return [Outcome(None, text, text, 0.01) for text in printed]


def test_a_printer_is_measured_by_what_it_prints_for_the_reference() -> None:
    first, second = evaluate(Printer(b""), [COMMA, BRACKET])
    assert first.exact
    assert not second.exact
    assert figures([first, second]).found.total == 0


def test_a_case_counts_under_each_of_its_kinds_once() -> None:
    both = COMMA._replace(kinds=("missing comma", "missing bracket", "missing comma"))
    scores = evaluate(Fake(b""), [COMMA, both])
    assert {kind: len(group) for kind, group in by_kind(scores).items()} == {"missing comma": 2, "missing bracket": 1}


def test_the_report_names_system_and_sets_and_says_what_became_of_files_that_parse() -> None:
    clean = COMMA._replace(before=COMMA.after)
    results = [
        result_of("fake", "synthetic-1", evaluate(Fake(COMMA.after, confidence=0.9), [COMMA, BRACKET])),
        result_of("fake", "unbroken", evaluate(Fake(COMMA.after), [clean])),
    ]
    text = markdown(results)
    assert "## fake" in text
    assert "| synthetic-1 | 2 | 2 | 100.0 % (100.0 to 100.0) | 100.0 % (100.0 to 100.0) | 50.0 %" in text
    assert "Of 1 files that parse, 1 were called broken, 0 changed by `--fix`" in text
    assert "expected calibration error 0.400" in text


def test_rare_kinds_share_a_row() -> None:
    scores = evaluate(Fake(b""), [COMMA, BRACKET])
    assert list(result_of("fake", "real", scores).kinds) == ["2 rarer kinds"]


def test_the_product_mends_what_its_rules_know_and_leaves_the_rest() -> None:
    spaced = COMMA._replace(before=b"if (a = = b) c();\n", after=b"if (a == b) c();\n")
    clean = COMMA._replace(before=COMMA.after)
    product = Product("none")
    first, second = evaluate(product, [spaced, clean])
    assert first.exact
    assert first.applied_exact
    assert first.outcome.confidence == 1.0
    assert second.outcome.best == clean.before
    assert not second.outcome.found


def test_several_systems_are_compared_in_one_table() -> None:
    results = [result_of(name, "real", evaluate(Fake(COMMA.after), [COMMA, BRACKET])) for name in ("one", "other")]
    assert "| one | 100.0 % / 50.0 % of 2 |\n| other | 100.0 % / 50.0 % of 2 |" in markdown(results)
    results.append(results[0]._replace(system="third", set="synthetic-1"))
    assert "| one | 100.0 % / 50.0 % of 2 | - |" in markdown(results)
    assert markdown(results[:1], results[1:]).count("## ") == 1


def test_figures_come_back_from_a_file(tmp_path: Path) -> None:
    result = result_of("fake", "real", evaluate(Fake(COMMA.after, confidence=0.75), [COMMA, BRACKET]))
    path = tmp_path / "figures.json"
    path.write_text(json.dumps({"results": [result.as_json()]}))
    assert read_figures(path) == [result]
    path.write_text("{}")
    with pytest.raises(UsageError, match="holds no figures"):
        read_figures(path)


def test_tables_go_between_the_marks_of_a_document(tmp_path: Path) -> None:
    document = tmp_path / "card.md"
    document.write_text(f"# Card\n\n{MARKS[0]}\nold\n{MARKS[1]}\n\nMore.\n")
    insert(document, "## product\n\n| a |\n")
    assert document.read_text() == f"# Card\n\n{MARKS[0]}\n### product\n\n| a |\n{MARKS[1]}\n\nMore.\n"
    insert(document, "again")
    assert document.read_text() == f"# Card\n\n{MARKS[0]}\nagain\n{MARKS[1]}\n\nMore.\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "card.md"
    document.write_text("# Card\n")
    with pytest.raises(UsageError, match="lacks"):
        insert(document, "tables")
    assert document.read_text() == "# Card\n"


def test_models_that_are_asked_for_must_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model-path"):
        Product("tagger", str(tmp_path))
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ModelError, match="format"):
        Product("tagger", str(tmp_path))


def test_a_repair_is_counted_for_who_proposed_it() -> None:
    spaced = COMMA._replace(before=b"if (a = = b) c();\n", after=b"if (a == b) c();\n")
    scores = evaluate(Product("none"), [spaced, COMMA])
    assert {source: len(group) for source, group in by_source(scores).items()} == {"rules": 1}


class Counting(Fake):
    """Remembers which texts it was given."""

    def __init__(self) -> None:
        super().__init__(COMMA.after)
        self.seen: list[bytes] = []

    def repair(self, files: Sequence[SourceFile]) -> list[Outcome]:
        self.seen += [file.text for file in files]
        return super().repair(files)


def test_a_text_with_two_references_is_repaired_once() -> None:
    system = Counting()
    known: dict[SourceFile, Outcome] = {}
    first, again = evaluate(system, [COMMA, COMMA], known=known)
    assert first.exact
    assert again.exact
    (other,) = evaluate(system, [COMMA._replace(after=b"f(a);\n")], known=known)
    assert not other.exact
    assert system.seen == [COMMA.before]
