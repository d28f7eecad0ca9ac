from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook.lab.corpus import build as corpus_build
from thea_hook.lab.corpus import sources as corpus_sources
from thea_hook.lab.corpus import store
from thea_hook.lab.corpus.build import build, main
from thea_hook.lab.corpus.manifest import Manifest, Source
from thea_hook.lab.corpus.sources import Unavailable
from thea_hook.lab.corpus.store import Split


def program(name: str, lines: int = 12) -> str:
    return "".join(f"export const {name}{number} = {name}(list[{number}], options);\n" for number in range(lines))


def repository(mirror: Path, name: str, files: dict[str, str]) -> str:
    clone = Repository(mirror / name.replace("/", "+") / "repo")
    for path, text in files.items():
        clone.stage(path, text)
    clone.git("commit", "-q", "-m", "Add the files")
    return clone.git("rev-parse", "HEAD")


def source(name: str, commit: str, split: Split, *exclude: str) -> Source:
    return Source(name, "git", commit, "MIT", split, exclude)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def paths(split: Split, out: Path) -> set[str]:
    return {document.path for document in store.read(split, out)}


def test_each_source_goes_to_its_split_without_what_is_no_source(mirror: Path, out: Path) -> None:
    files = {
        "src/index.ts": program("index"),
        "src/broken.ts": program("broken") + "}\n",
        "src/generated.js": "// @generated\n" + program("table"),
        "dist/index.js": program("bundle"),
        "docs/page.js": program("page"),
        "README.md": "x" * 500,
    }
    train = repository(mirror, "ada/engine", files)
    test = repository(mirror, "grace/compiler", {"app.tsx": program("app") + "const a = <p>text</p>;\n"})
    sources = (source("ada/engine", train, "train", "docs/"), source("grace/compiler", test, "test"))
    statistics = build(Manifest(sources), mirror, out)
    assert paths("train", out) == {"src/index.ts"}
    assert paths("test", out) == {"app.tsx"}
    assert paths("valid", out) == set()
    assert statistics.dropped == {"path or size": 2, "generated": 1, "does not parse": 1}
    assert statistics.total("test").jsx_files == 1
    assert statistics.total("train").jsx_files == 0


def test_of_two_copies_the_one_that_is_judged_on_stays(mirror: Path, out: Path) -> None:
    train = repository(mirror, "ada/engine", {"copy.js": program("shared"), "own.js": program("own")})
    test = repository(mirror, "grace/compiler", {"original.js": program("shared")})
    build(Manifest((source("ada/engine", train, "train"), source("grace/compiler", test, "test"))), mirror, out)
    assert paths("test", out) == {"original.js"}
    assert paths("train", out) == {"own.js"}


def test_a_source_gives_no_more_than_the_cap(mirror: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{name}.ts": program(name) for name in ("alpha", "beta", "gamma")}
    files["types.d.ts"] = program("types").replace("= types(", "= declared(")
    monkeypatch.setattr(corpus_build, "BYTES_PER_SOURCE", 2 * len(files["gamma.ts"]))
    monkeypatch.setattr(corpus_build, "BYTES_OF_DECLARATIONS", 100)
    commit = repository(mirror, "ada/engine", files)
    statistics = build(Manifest((source("ada/engine", commit, "train"),)), mirror, out)
    assert len(paths("train", out)) == 2
    assert "types.d.ts" not in paths("train", out)
    assert statistics.dropped["over the cap"] == 2


def test_a_second_build_gives_the_same_bytes(mirror: Path, out: Path, tmp_path: Path) -> None:
    commit = repository(mirror, "ada/engine", {f"{name}.js": program(name) for name in ("a", "b", "c", "d")})
    sources = Manifest((source("ada/engine", commit, "train"),))
    build(sources, mirror, out)
    build(sources, mirror, tmp_path / "again")
    assert (out / "train.jsonl").read_bytes() == (tmp_path / "again" / "train.jsonl").read_bytes()


def test_the_pinned_commit_is_read_and_not_the_newest(mirror: Path, out: Path) -> None:
    pinned = repository(mirror, "ada/engine", {"old.js": program("old")})
    Repository(mirror / "ada+engine" / "repo").commit("new.js", program("new"))
    build(Manifest((source("ada/engine", pinned, "train"),)), mirror, out)
    assert paths("train", out) == {"old.js"}


def test_a_commit_that_is_nowhere_is_an_error_that_names_the_source(mirror: Path, out: Path) -> None:
    repository(mirror, "ada/engine", {"old.js": program("old")})
    with pytest.raises(Unavailable, match="ada/engine"):
        build(Manifest((source("ada/engine", "0" * 40, "train"),)), mirror, out)


def test_without_a_mirror_the_pinned_commit_is_fetched_once(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Repository(tmp_path / "published" / "ada" / "engine")
    commit = published.commit("index.js", program("index"))
    sources = Manifest((source("ada/engine", commit, "train"),))
    monkeypatch.setattr(corpus_sources, "GITHUB", published.folder.parent.parent.as_uri())
    build(sources, None, out)
    monkeypatch.setattr(corpus_sources, "GITHUB", "file:///nowhere")
    build(sources, None, out)
    assert paths("train", out) == {"index.js"}


def test_packages_are_read_from_the_mirror_too(mirror: Path, out: Path) -> None:
    (mirror / "npm").mkdir(parents=True)
    with tarfile.open(mirror / "npm" / "ada-engine-1.2.3.tgz", "w:gz") as archive:
        for path in ("package/src/index.ts", "package/dist/index.js"):
            content = program("engine").encode()
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    build(Manifest((Source("@ada/engine", "npm", "1.2.3", "MIT", "train"),)), mirror, out)
    (document,) = store.read("train", out)
    assert (document.repository, document.path, document.language) == ("@ada/engine", "src/index.ts", "typescript")


def test_text_comes_back_from_the_store_as_it_was(out: Path) -> None:
    text = "\ufeffconst a = '\u2028\u00e9\U0001f600';\r\n".encode()
    store.write("valid", [store.Document("ada/engine", "a.js", "javascript", text)], out)
    assert next(store.read("valid", out)).source.text == text


def test_the_command_prints_and_saves_the_statistics(
    mirror: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = repository(mirror, "ada/engine", {"index.ts": program("index")})
    file = tmp_path / "manifest.toml"
    file.write_text(
        f'[[source]]\nrepository = "ada/engine"\ncommit = "{commit}"\nlicence = "MIT"\nsplit = "train"\n', "utf-8"
    )
    assert main(["--manifest", str(file), "--mirror", str(mirror), "--out", str(out)]) == 0
    assert "ada/engine" in capsys.readouterr().out
    saved = json.loads((out / "statistics.json").read_text("utf-8"))
    counts = saved["languages"]["train"]["typescript"]
    assert counts["files"] == 1
    assert counts["lexemes"] == 12 * 14
