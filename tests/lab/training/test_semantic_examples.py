from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from thea_hook.core.patch import apply_edits
from thea_hook.lab.chaos.degenerate import TRICKS
from thea_hook.lab.corpus import store
from thea_hook.lab.corpus.breakages import Breakage
from thea_hook.lab.corpus.store import Document
from thea_hook.lab.training import semantic
from thea_hook.lab.training.semantic import REAL, RIGHT, examples, real_examples
from thea_hook.languages.oracle import judge

SHIPS = b"""import { tide } from './tide';

export function late(ships, now) {
  const names = [];
  for (const ship of ships) {
    names.push(ship.trim());
    log(ship);
  }
  return names;
}
"""
DOCUMENTS = [Document("harbour/ships", f"{number}.js", "javascript", SHIPS) for number in range(12)]


def test_every_broken_text_has_a_right_repair_and_degenerate_ones() -> None:
    found = list(examples(DOCUMENTS, random.Random(2), judge))
    texts = {example.file.text for example in found}
    assert len([example for example in found if example.label == RIGHT]) >= len(texts) > 5
    assert {example.label for example in found} <= {RIGHT, *TRICKS}
    assert len({example.label for example in found}) > 8


def test_the_validator_tells_most_of_them_apart() -> None:
    found = list(examples(DOCUMENTS, random.Random(2), judge))
    assert sum(example.is_misjudged for example in found) < len(found) / 5
    for example in found:
        assert example.is_misjudged == ((example.refusal is None) != (example.label == RIGHT))


def test_the_repairs_of_histories_are_listed_by_their_size() -> None:
    pair = Breakage(
        "harbour/ships", "a.js", "javascript", b"f(a b);\n", b"f(a, b); g();\n", "0", b"f(a, b);\n", "missing comma"
    )
    (example,) = real_examples([pair])
    assert example.label == f"{REAL}: reference within 1 lexeme"
    assert (example.refusal, example.is_misjudged) == (None, False)
    assert apply_edits(pair.before, example.edits) == pair.mended


def test_the_command_writes_a_split_and_prints_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    store.write("train", DOCUMENTS)
    assert semantic.main(["--count", "1"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "semantic" / "train.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["label"] == RIGHT
    assert f"{len(rows)} examples in" in capsys.readouterr().out
    row = rows[-1]
    (start, end, written), *_ = row["edits"]
    assert 0 <= start <= end <= len(row["text"].encode())
    assert written or start < end
