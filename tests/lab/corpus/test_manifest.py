from __future__ import annotations

from pathlib import Path

import pytest

from thea_hook.lab.corpus import manifest
from thea_hook.lab.corpus.manifest import ManifestError, is_held_out
from thea_hook.lab.corpus.store import SPLITS

SOURCE = """
held_out = ["Judged/Library", "Bugs/*"]

[[source]]
repository = "{name}"
commit = "{commit}"
licence = "{licence}"
split = "{split}"
"""
GOOD = {"name": "ada/engine", "commit": "0123456789" * 4, "licence": "MIT", "split": "train"}


def write(folder: Path, **changes: str) -> Path:
    path = folder / "manifest.toml"
    path.write_text(SOURCE.format(**(GOOD | changes)), "utf-8")
    return path


def test_a_source_says_where_it_comes_from_and_where_it_goes(tmp_path: Path) -> None:
    loaded = manifest.load(write(tmp_path))
    (source,) = loaded.sources
    assert (source.name, source.kind, source.licence) == ("ada/engine", "git", "MIT")
    assert loaded.split_of("ada/engine") == "train"
    assert loaded.split_of("ada/other") is None


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"licence": "GPL-3.0-only"}, "not a permissive one"),
        ({"split": "dev"}, "there is no split 'dev'"),
        ({"commit": "main"}, "pins nothing"),
        ({"name": "judged/library"}, "held out"),
        ({"name": "bugs/express"}, "held out"),
    ],
)
def test_what_may_not_be_learned_from_is_refused_by_name(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        manifest.load(write(tmp_path, **changes))


def test_a_source_named_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text + text[text.index("[[source]]") :], "utf-8")
    with pytest.raises(ManifestError, match="named twice"):
        manifest.load(path)


HISTORIES = """
[histories]
{licence} = ["{name}"]
"""


def with_history(folder: Path, name: str, licence: str = "MIT", **source: str) -> Path:
    path = write(folder, **source)
    path.write_text(path.read_text("utf-8") + HISTORIES.format(name=name, licence=licence), "utf-8")
    return path


def test_a_history_is_learned_from_and_is_no_source_of_the_corpus(tmp_path: Path) -> None:
    loaded = manifest.load(with_history(tmp_path, "bob/board", "ISC"))
    assert [source.name for source in loaded.sources] == ["ada/engine"]
    assert loaded.histories == (manifest.History("bob/board", "ISC"),)
    assert loaded.split_of("bob/board") == loaded.split_of("Bob/Board") == "train"
    assert loaded.splits_of_owner("Bob") == {"train"}


@pytest.mark.parametrize(
    ("name", "licence", "message"),
    [
        ("bob/board", "GPL-3", "not a permissive one"),
        ("judged/library", "MIT", "held out"),
        ("bugs/board", "MIT", "held out"),
        ("ada/engine", "MIT", "named twice"),
        ("Ada/Engine", "MIT", "named twice"),
        ("board", "MIT", "no repository is called so"),
        ("https://github.com/bob/board", "MIT", "no repository is called so"),
    ],
)
def test_a_history_is_refused_as_a_source_is(tmp_path: Path, name: str, licence: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        manifest.load(with_history(tmp_path, name, licence))


@pytest.mark.parametrize("split", ["valid", "test"])
def test_nothing_is_learned_from_an_owner_whose_work_judges(tmp_path: Path, split: str) -> None:
    with pytest.raises(ManifestError, match=f"Ada/board: its owner has sources in the split '{split}'"):
        manifest.load(with_history(tmp_path, "Ada/board", split=split))


def test_packages_of_a_held_out_repository_are_held_out() -> None:
    held_out = frozenset(["colin/schema", "frame/core"])
    assert is_held_out("schema", held_out)
    assert is_held_out("@frame/compiler", held_out)
    assert not is_held_out("schematic", held_out)
    assert not is_held_out("frame/router", held_out)


def test_the_shipped_manifest_is_sound() -> None:
    shipped = manifest.load()
    names = {source.name for source in (*shipped.sources, *shipped.histories)}
    assert len(shipped.held_out) > 70
    assert not [name for name in names if is_held_out(name, shipped.held_out)]
    owners = {name.partition("/")[0].lower() for name in names if "/" in name}
    assert {owner for owner in owners if len(shipped.splits_of_owner(owner)) > 1} == {"microsoft"}
    for split in SPLITS:
        assert sum(source.split == split for source in shipped.sources) >= 8
