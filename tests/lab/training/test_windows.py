"""Training windows: what the tagger sees at run time, with every edit that is right there."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from small_corpus import BREAKAGES

from thea_hook.core.finding import Edit
from thea_hook.core.patch import apply_edits
from thea_hook.core.source import SourceFile, Span
from thea_hook.lab.corpus.store import read
from thea_hook.lab.training import windows
from thea_hook.lab.training.windows import (
    LENGTH,
    MAX_TARGETS,
    PURPOSES,
    Window,
    load_shard,
    make_windows,
    real,
    synthetic,
    windows_of,
    write_shards,
)
from thea_hook.languages.lexemes import lex
from thea_hook.languages.oracle import available, judge
from thea_hook.ml.edits import Step, edit_of
from thea_hook.ml.features import COLUMNS, encode
from thea_hook.ml.subtokens import SubTokens
from thea_hook.ml.vocabulary import PADDING, TAGS

pytestmark = pytest.mark.skipif(not available(), reason="needs the second parser")

SUBTOKENS = SubTokens(["start", "stop"])
LINES = 120
LONG = b"".join(b"start(%d, stop[%d]);\n" % (number, number) for number in range(LINES))  # ten lexemes a line


def broken(text: bytes, lost: bytes, *, after: bytes) -> tuple[SourceFile, list[Edit]]:
    """The text without what stands behind ``after``, and what puts it back."""
    place = text.index(after + lost) + len(after)
    file = SourceFile("a.js", text[:place] + text[place + len(lost) :], "javascript")
    return file, [Edit(Span(place, place), lost)]


def cut(file: SourceFile, repairs: list[Edit], seed: int = 0) -> list[Window]:
    return list(windows_of(file, repairs, judge([file])[0], SUBTOKENS, random.Random(seed)))


def test_every_target_of_a_window_is_a_step_to_the_text() -> None:
    original = b"start(1, stop[2]);\n"
    file, repairs = broken(original, b"]", after=b"stop[2")
    lexemes = lex(file.text, file.language)
    (window,) = cut(file, repairs)
    edits = [edit_of(lexemes, Step(int(place), TAGS[tag])) for place, tag in window.targets]
    assert {apply_edits(file.text, [edit]) for edit in edits if edit} == {original}


def test_a_window_of_a_long_text_holds_its_targets() -> None:
    file, repairs = broken(LONG, b"]", after=b"stop[60")
    lexemes = lex(file.text, file.language)
    rows = encode(lexemes, judge([file])[0].problems, SUBTOKENS)
    place = next(index for index, start in enumerate(lexemes.starts) if start >= repairs[0].span.start)
    starts = set()
    for seed in range(20):
        window = cut(file, repairs, seed)[0]
        assert len(window.rows) == LENGTH
        start = place - int(window.targets[0, 0])
        np.testing.assert_array_equal(window.rows, rows[start : start + LENGTH])
        starts.add(start)
    assert len(starts) > 10, "the place of a mistake in its window must not be what the tagger learns"


def test_a_window_elsewhere_has_nothing_wrong() -> None:
    file, repairs = broken(LONG, b"]", after=b"stop[2")
    found = [window for seed in range(60) for window in cut(file, repairs, seed)]
    elsewhere = [window for window in found if not len(window.targets)]
    assert 0 < len(elsewhere) < len(found) / 4


def test_what_needs_no_edit_makes_no_window() -> None:
    file = SourceFile("a.js", b"start();\n", "javascript")
    assert cut(file, []) == []


def test_windows_of_a_corpus_come_without_end(data: Path) -> None:
    documents = list(read("train"))
    found = list(islice(synthetic(documents, SUBTOKENS, random.Random(1)), 150))
    broken_windows = [window for window in found if len(window.targets)]
    assert len(found) == 150
    assert len(broken_windows) > 100
    assert all(0 <= place < len(window.rows) for window in broken_windows for place, _ in window.targets)
    assert any(not len(window.targets) for window in found), "there is none of a text that parses"


def test_windows_of_the_refiner_say_all_edits_of_more_mistakes(data: Path) -> None:
    documents = list(read("train"))

    def places(purpose: windows.Purpose) -> float:
        found = list(islice(synthetic(documents, SUBTOKENS, random.Random(1), purpose), 300))
        return float(np.mean([len(set(window.targets[:, 0].tolist())) for window in found]))

    assert places(PURPOSES["refiner"]._replace(targets=PURPOSES["tagger"].targets)) > places(PURPOSES["tagger"])
    assert {purpose.folder for purpose in PURPOSES.values()} == {"windows", "windows-refiner"}


def test_real_breakages_lead_to_the_next_version(data: Path) -> None:
    found = real("train")
    mended = [apply_edits(file.text, repairs) for file, repairs, _ in found]
    assert [lex(text, "javascript").texts for text in mended] == [
        lex(after, "javascript").texts for _, after in BREAKAGES
    ]


def test_a_real_repair_that_writes_new_code_is_not_learned_from(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(real("train"))
    monkeypatch.setattr(windows, "LARGEST_REPAIR", 0)
    assert size == len(BREAKAGES)
    assert real("train") == []


def test_without_mined_histories_there_are_no_real_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    assert real("train") == []


# ------------------------------------------------------------------ shards


@pytest.fixture
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SHARD", 8)


@pytest.mark.usefixtures("_small_shards")
def test_a_shard_comes_back_as_it_went(tmp_path: Path) -> None:
    file, repairs = broken(b"start(1, stop[2]);\n", b"]", after=b"stop[2")
    (window,) = cut(file, repairs)
    write_shards(iter([window] * 8), tmp_path, "a", 1)
    shard = load_shard(tmp_path / "a-0000.npz")
    count = len(window.rows)
    assert shard.rows.shape == (8, LENGTH, COLUMNS)
    assert shard.targets.shape == (8, MAX_TARGETS, 2)
    assert shard.lengths.tolist() == [count] * 8
    np.testing.assert_array_equal(shard.rows[0, :count], window.rows)
    assert not (shard.rows[0, count:] != PADDING).any()
    np.testing.assert_array_equal(shard.targets[0, : len(window.targets)], window.targets)
    assert (shard.targets[0, len(window.targets) :] == -1).all()


@pytest.mark.usefixtures("_small_shards")
def test_shards_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    file, repairs = broken(b"start(1, stop[2]);\n", b"]", after=b"stop[2")
    (window,) = cut(file, repairs)
    (tmp_path / "a-0000.npz").write_bytes(b"made before")
    write_shards(iter([window] * 8), tmp_path, "a", 2)
    assert (tmp_path / "a-0000.npz").read_bytes() == b"made before"
    assert len(load_shard(tmp_path / "a-0001.npz").rows) == 8
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.usefixtures("_small_shards")
def test_the_same_seed_makes_the_same_shards(data: Path, tmp_path: Path) -> None:
    shards = []
    for name in ("one", "other"):
        make_windows("train", tmp_path / name, seed=3, shards=1, vocabulary=data / "subtokens.json")
        shards.append(load_shard(tmp_path / name / "train" / "03-0000.npz"))
    for one, other in zip(*shards, strict=True):
        np.testing.assert_array_equal(one, other)
