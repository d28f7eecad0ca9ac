from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_corpus import BREAKAGES, NAMES, documents

from thea_hook.lab.corpus import store


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lab's folder, with a corpus, mined breakages and sub-tokens."""
    monkeypatch.setenv("THEA_LAB_DATA", str(tmp_path))
    for split in store.SPLITS:
        store.write(split, documents(split))
        rows = [
            {
                "repository": f"{split}/{number}",
                "path": "a.js",
                "language": "javascript",
                "before": before.decode(),
                "after": after.decode(),
                "commit": "",
                "mended": after.decode(),
                "kind": "",
            }
            for number, (before, after) in enumerate(BREAKAGES)
        ]
        path = tmp_path / "broken" / f"{split}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "subtokens.json").write_text(json.dumps(["line", "path", "read", *NAMES]), "utf-8")
    return tmp_path


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Networks this small only wait for each other on several threads, very long on a busy machine."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
