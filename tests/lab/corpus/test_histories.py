from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from git_repository import Repository

from thea_hook.errors import UsageError
from thea_hook.globs import Globs
from thea_hook.lab.corpus import breakages, histories, manifest, mining, versions
from thea_hook.lab.corpus.breakages import Breakage

MANIFEST = """
held_out = ["vue/core"]

[[source]]
repository = "ada/shop"
commit = "0000000000000000000000000000000000000000"
licence = "MIT"
split = "test"
"""
HISTORIES = """
[histories]
MIT = ["bob/board"]
"""
GOOD = "const prices = [1, 2, 3];\nexport function total() {\n  return prices.length;\n}\n"
BROKEN = GOOD.replace("[1, 2, 3]", "[1, 2 3]")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


@pytest.fixture
def shop(mirror: Path) -> Repository:
    """A clone of ada/shop, which lies in the test split of the manifest."""
    return Repository(mirror / "ada+shop" / "repo")


def mined(repository: Repository) -> tuple[list[Breakage], Counter[str]]:
    counts: Counter[str] = Counter()
    git = Path(repository.root, ".git")
    return mining.mine("ada/shop", git, Globs(mining.NOT_WRITTEN_TO_PARSE), counts), counts


def commit_all(repository: Repository, path: str, *texts: str) -> list[str]:
    return [repository.commit(path, text) for text in texts]


def test_a_version_that_does_not_parse_is_paired_with_the_next(shop: Repository) -> None:
    *_, repaired = commit_all(shop, "src/cart.js", GOOD, BROKEN, GOOD)
    pairs, counts = mined(shop)
    assert pairs == [Breakage("ada/shop", "src/cart.js", "javascript", BROKEN.encode(), GOOD.encode(), repaired)]
    assert (counts["versions"], counts["broken versions"], counts["pairs"]) == (2, 1, 1)


def test_versions_on_every_branch_are_found(shop: Repository) -> None:
    commit_all(shop, "cart.ts", GOOD)
    shop.git("checkout", "-q", "-b", "feature")
    commit_all(shop, "cart.ts", BROKEN, GOOD)
    shop.git("checkout", "-q", "main")
    assert len(mined(shop)[0]) == 1


def test_only_the_last_of_several_broken_versions_has_a_reference(shop: Repository) -> None:
    worse = BROKEN.replace("{", "")
    commit_all(shop, "cart.js", GOOD, worse, BROKEN, GOOD)
    assert [pair.before for pair in mined(shop)[0]] == [BROKEN.encode()]


def test_what_is_broken_for_long_is_no_mistake(shop: Repository) -> None:
    versions_ = [BROKEN + f"let a{number};\n" for number in range(mining.LONGEST_RUN + 1)]
    commit_all(shop, "cart.js", GOOD, *versions_, GOOD)
    pairs, counts = mined(shop)
    assert pairs == []
    assert counts["dropped: broken for long"] == 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("function total(price: ?number) { return price; }\n", "function total(price) { return price; }\n", "Flow"),
        ("const total = <%= prices.length %>;\nexport {};\n", "const total = 3;\nexport { total };\n", "a template"),
        ("function total(a: number) { return a; }\n", "function total(a) { return a; }\n", "types in JavaScript"),
        (BROKEN, "import { render } from './render';\nrender(window.root, { lazy: true });\n", "written anew"),
    ],
)
def test_what_is_no_mistake_is_dropped_with_a_reason(shop: Repository, before: str, after: str, reason: str) -> None:
    commit_all(shop, "cart.js", before, after)
    pairs, counts = mined(shop)
    assert pairs == []
    assert counts[f"dropped: {reason}"] == 1


def test_a_file_that_says_it_is_flow_is_not_broken(shop: Repository) -> None:
    commit_all(shop, "cart.js", "// @flow\nexport opaque type Price = number;\n", GOOD)
    assert mined(shop)[1]["broken versions"] == 0


def test_what_another_parser_reads_and_checks_later_is_no_mistake(shop: Repository) -> None:
    commit_all(shop, "cart.js", "function total(...prices,) { return 1 }\n", "function total(...prices) { return 1 }\n")
    assert mined(shop)[0] == []


def test_a_repository_in_another_language_gives_nothing(shop: Repository) -> None:
    for number in range(mining.DIALECT_VERSIONS):
        shop.stage(f"piped{number}.js", f"export const total{number} = prices |> sum |> round;\n")
    shop.git("commit", "-q", "-m", "Pipe")
    for number in range(mining.DIALECT_VERSIONS):
        shop.stage(f"piped{number}.js", f"export const total{number} = round(sum(prices |> sum)) |> b;\n")
    shop.stage("piped0.js", "export const total0 = prices || sum || round;\n")
    shop.git("commit", "-q", "-m", "Pipe less")
    pairs, counts = mined(shop)
    assert pairs == []
    assert counts["dropped: a dialect"] == 1


def test_templates_by_path_and_other_files_are_not_looked_at(shop: Repository) -> None:
    commit_all(shop, "templates/cart.js", BROKEN, GOOD)
    commit_all(shop, "notes.md", "a = = b, which is broken\n", "a = b\n")
    assert mined(shop)[1]["versions"] == 0


def test_a_sample_takes_whole_histories_of_paths() -> None:
    changes = [
        versions.Change(f"{number}", path, f"{path}{number}", f"{path}{number + 1}")
        for number in range(4)
        for path in ("a.js", "b.js", "c.js")
    ]
    some = versions.sample(changes, 9)
    assert Counter(change.path for change in some) in [
        Counter({"a.js": 4, "b.js": 4}),
        Counter({"a.js": 4, "c.js": 4}),
        Counter({"b.js": 4, "c.js": 4}),
    ]
    assert some == [change for change in changes if change in some]


# ------------------------------------------------------------------ the command


@pytest.fixture
def command(mirror: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    (tmp_path / "manifest.toml").write_text(MANIFEST, "utf-8")
    return ["--mirror", str(mirror), "--out", str(tmp_path / "out"), "--manifest", str(tmp_path / "manifest.toml")]


def test_the_command_writes_pairs_in_the_split_of_their_repository_and_figures(
    shop: Repository, mirror: Path, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_all(shop, "cart.js", GOOD, BROKEN, GOOD.replace("total", "sum"))
    held_out = Repository(mirror / "vue+core" / "repo")
    commit_all(held_out, "vue.js", BROKEN.replace("prices", "costs"), GOOD.replace("prices", "costs"))
    assert histories.main(command) == 0
    (pair,) = breakages.read_breakages("test", tmp_path / "out")
    assert pair.repository == "ada/shop"
    assert pair.kind == "missing comma"
    assert pair.mended == GOOD.encode()
    assert list(breakages.read_breakages("train", tmp_path / "out")) == []
    figures = json.loads((tmp_path / "out" / "statistics.json").read_text("utf-8"))
    assert figures["repositories"] == {"ada/shop": 1}
    assert figures["size of the repair"]["1"] == 1
    assert figures["nothing but repaired"] == 0
    assert "missing comma" in capsys.readouterr().out


def test_the_histories_of_the_manifest_are_learned_from(mirror: Path, command: list[str], tmp_path: Path) -> None:
    commit_all(Repository(mirror / "bob+board" / "repo"), "cart.js", GOOD, BROKEN, GOOD)
    (tmp_path / "manifest.toml").write_text(MANIFEST + HISTORIES, "utf-8")
    assert histories.main(command) == 0
    (pair,) = breakages.read_breakages("train", tmp_path / "out")
    assert pair.repository == "bob/board"


def test_more_to_learn_from_leaves_what_judges_as_it_is_and_says_nothing_of_it(
    shop: Repository, mirror: Path, command: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    commit_all(shop, "cart.js", GOOD, BROKEN, GOOD)
    assert histories.main(command) == 0
    judging = {split: (out / f"{split}.jsonl").read_bytes() for split in histories.JUDGING}
    commit_all(shop, "cart.js", GOOD + "total(;\n", GOOD + "total();\n")
    board = Repository(mirror / "bob+board" / "repo")
    copied, own = "// Ours.\n" + BROKEN, "const board = draw(pieces\n"
    commit_all(board, "copied.js", copied, copied.replace("2 3", "2, 3"))
    commit_all(board, "board.js", own, own.replace("pieces", "pieces);"))
    (tmp_path / "manifest.toml").write_text(MANIFEST + HISTORIES, "utf-8")
    assert histories.main([*command, "--keep-judging"]) == 0
    assert {split: (out / f"{split}.jsonl").read_bytes() for split in histories.JUDGING} == judging
    assert [pair.path for pair in breakages.read_breakages("train", out)] == ["board.js"]
    figures = json.loads((out / "statistics.json").read_text("utf-8"))
    assert figures["counts"]["dropped: says what another says"] == 1


def test_one_mistake_in_two_repositories_counts_once(shop: Repository, mirror: Path, command: list[str]) -> None:
    commit_all(shop, "cart.js", BROKEN, GOOD)
    copy = Repository(mirror / "bob+fork" / "repo")
    commit_all(copy, "copied.js", "// Ours.\n" + BROKEN, "// Ours.\n" + GOOD)
    assert histories.main(command) == 0
    out = Path(command[3])
    assert sum(1 for split in ("train", "valid", "test") for _ in breakages.read_breakages(split, out)) == 1


def test_a_held_out_repository_is_refused_by_name(mirror: Path, command: list[str]) -> None:
    Repository(mirror / "vue+core" / "repo")
    with pytest.raises(UsageError, match="held out"):
        histories.main([*command, "--repository", "vue/core"])


def test_only_what_the_manifest_allows_is_learned_from_and_owners_are_not_split(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(MANIFEST, "utf-8")
    sources = manifest.load(tmp_path / "manifest.toml")
    assert histories.split_of("ada/shop", sources) == histories.split_of("ada/other", sources) == "test"
    splits = set()
    for number in range(20):
        one, two = (histories.split_of(f"owner{number}/{name}", sources) for name in ("one", "two"))
        assert one == two
        splits.add(one)
    assert splits == {"valid", "test"}


def test_what_is_not_known_neither_teaches_nor_judges_where_its_owner_is_learned_from(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(MANIFEST + HISTORIES, "utf-8")
    sources = manifest.load(tmp_path / "manifest.toml")
    assert histories.split_of("bob/board", sources) == "train"
    assert histories.split_of("Bob/other", sources) is None
