"""The figures of the refiner: windows after some iterations, and whole texts beside other systems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from thea_hook.core.source import SourceFile  # noqa: E402
from thea_hook.errors import UsageError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES  # noqa: E402
from thea_hook.lab.architectures.tiny_recursive import TinyRecursive  # noqa: E402
from thea_hook.lab.checkpoint import Checkpoint, save_checkpoint  # noqa: E402
from thea_hook.lab.evaluation.cases import Case  # noqa: E402
from thea_hook.lab.evaluation.recursion import (  # noqa: E402
    main,
    of_texts,
    of_windows,
    one_by_one,
    plot,
    table_of_texts,
    table_of_windows,
    without_parser,
)
from thea_hook.lab.training.fixer import Fixer  # noqa: E402
from thea_hook.lab.training.windows import Shard  # noqa: E402
from thea_hook.languages.oracle import Answer, available, judge  # noqa: E402
from thea_hook.ml.edits import Step  # noqa: E402
from thea_hook.ml.subtokens import SubTokens  # noqa: E402
from thea_hook.ml.tagger import Broken, Suggestion  # noqa: E402
from thea_hook.ml.vocabulary import Action, Tag  # noqa: E402

needs_parser = pytest.mark.skipif(not available(), reason="needs the second parser")
RIGHT, WRONG = b"f(a);\ng(b);\n", b"f(a;\ng(b;\n"


def made_up(targets: list[list[tuple[int, int]]]) -> Shard:
    torch.manual_seed(1)
    rows = ARCHITECTURES["tiny-recursive-packed"].small.example(len(targets), 12).numpy().astype(np.int16)
    array = np.full((len(targets), 8, 2), -1, np.int16)
    for row, pairs in enumerate(targets):
        for index, pair in enumerate(pairs):
            array[row, index] = pair
    return Shard(rows, np.full(len(targets), 12, np.int16), array)


class Knows(TinyRecursive):
    """Finds one more of the edits (place n, tag n) with every iteration, up to three, and is surest of two of them."""

    def __init__(self) -> None:
        super().__init__(ARCHITECTURES["tiny-recursive-packed"].small)
        self.turns = 0

    def start(self, x, real):  # type: ignore[no-untyped-def]
        self.turns = 0
        return super().start(x, real)

    def iterate(self, x, state, real):  # type: ignore[no-untyped-def]
        self.turns += 1
        return state

    def answer(self, y, real):  # type: ignore[no-untyped-def]
        found = super().answer(y, real)
        edit, tag = torch.full_like(found.edit, -5.0), torch.zeros_like(found.tag)
        for place in range(1, 1 + min(self.turns, 3)):
            edit[:, place] = 5.0
            tag[:, place, place] = 5.0
        return found._replace(edit=edit, tag=tag, halt=torch.full_like(found.halt, self.turns == 2))


def test_windows_with_several_mistakes_are_measured_after_every_iteration() -> None:
    three = [(1, 1), (2, 2), (2, 5), (3, 3)]
    rows = of_windows(Knows().eval(), made_up([three, three, [(1, 1)], []]), (0, 1, 3))
    assert [row.iterations for row in rows] == ["0", "1", "3", "surest of 3"]
    assert [row.windows for row in rows] == [2] * 4, "those with one mistake or none are left out"
    assert [row.whole_set for row in rows] == [0, 0, 1, 0]
    assert [row.found for row in rows] == pytest.approx([0, 1 / 3, 1, 2 / 3])
    assert [row.right for row in rows] == [0, 1, 1, 1]
    assert "| 3 | 2 | 100.0% | 100.0% | 100.0% |" in table_of_windows(rows)


@needs_parser
def test_systems_are_measured_by_their_first_text() -> None:
    cases = [Case("a/b", "a.js", "javascript", WRONG, RIGHT), Case("a/c", "b.js", "javascript", WRONG, RIGHT)]
    systems = {"right": lambda file, verdict: RIGHT, "spaced": _spaced, "none": lambda file, verdict: None}
    rows = of_texts(systems, cases)
    assert [(row.exact.hits, row.exact_but_spaces.hits) for row in rows] == [(2, 2), (0, 2), (0, 0)]
    assert "| none | 0.0 %" in table_of_texts(rows)


def _spaced(file: SourceFile, verdict: object) -> bytes:
    return RIGHT.replace(b"(", b"( ")


class Brackets:
    """A tagger that closes the bracket that is open first."""

    def suggest(self, texts: list[Broken], count: int) -> list[list[Suggestion]]:
        place = texts[0].lexemes.texts.index(b";")
        return [[Suggestion(Step(place, Tag(Action.INSERT, b")")), 0.9)]]


@needs_parser
def test_the_tagger_makes_one_edit_after_the_other_until_the_text_parses() -> None:
    file = SourceFile("a.js", b"f(g(a;\n", "javascript")
    mend = one_by_one(Fixer(Brackets(), SubTokens(["a"]), ""))  # type: ignore[arg-type]
    assert mend(file, judge([file])[0]) == b"f(g(a));\n"


def test_without_a_parser_every_text_passes() -> None:
    file = SourceFile("a.js", b"f(", "javascript")
    assert [verdict.answer for verdict in without_parser([file])] == [Answer.PARSES]


def test_without_windows_the_command_says_how_to_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    small = ARCHITECTURES["tiny-recursive-packed"]
    network = small.build(small.small)
    save_checkpoint(Checkpoint(network, "tiny-recursive-packed", small.small, 1), tmp_path / "refiner.pt")
    with pytest.raises(UsageError, match="train windows --for refiner --split valid"):
        main(["--checkpoint", str(tmp_path / "refiner.pt")])


def test_the_figures_become_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = of_windows(Knows().eval(), made_up([[(1, 1), (2, 2)]]))
    plot(rows, [], tmp_path / "recursion.png")
    assert (tmp_path / "recursion.png").read_bytes().startswith(b"\x89PNG")
