"""The database: each suggestion once, never too many, and a sentence where the file is of no use."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from suggestions import record

from thea_hook.memory import store
from thea_hook.memory.recorder import remember
from thea_hook.memory.records import MOST_OF_RECORD, Origin, Vote
from thea_hook.memory.reservoir import Seen, choose
from thea_hook.memory.store import StoreError, clear, memory_path, open_memory, read_records


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "thea" / "memory.sqlite3")


def test_what_is_added_is_there_for_the_next_run(path: str) -> None:
    with open_memory(path) as memory:
        assert memory.add([record(1), record(2)]) == 2
    assert read_records(path) == [record(1), record(2)]


def test_reading_makes_no_file(path: str) -> None:
    assert read_records(path) == []
    assert not os.path.exists(path)


def test_the_memory_is_where_the_system_keeps_data(memory_file: Path) -> None:
    assert memory_path() == str(memory_file)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="a variable of Linux and its like")
@pytest.mark.parametrize("value", ["", "data", "./data"])
def test_a_relative_data_folder_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_DATA_HOME", value)
    assert memory_path() == "/home/ada/.local/share/thea-hook/memory.sqlite3"


def test_a_suggestion_is_kept_once(path: str) -> None:
    with open_memory(path) as memory:
        assert memory.add([record(1), record(1)]) == 1
        assert memory.add([record(1)._replace(file="b.js", line=7)]) == 0
        assert memory.records() == [record(1)]


def test_a_vote_changes_what_is_kept_and_can_be_changed(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
        memory.add([record(1, vote=Vote.UP)])
        assert [kept.vote for kept in memory.records()] == [Vote.UP]
        memory.add([record(1, vote=Vote.DOWN)])
        assert [kept.vote for kept in memory.records()] == [Vote.DOWN]
        memory.add([record(1)])  # applied once more, which takes back no vote
        assert [kept.vote for kept in memory.records()] == [Vote.DOWN]


def test_records_are_found_by_the_beginning_of_a_fingerprint(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1, fingerprint="ab" * 32), record(2, fingerprint="ac" * 32)])
        assert [kept.context for kept in memory.find("abab")] == ["var v1 = 1;\n"]
        assert len(memory.find("a")) == 2
        assert memory.find("%") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_may_read_the_memory(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
        for name in os.listdir(os.path.dirname(path)):
            assert stat.S_IMODE(os.stat(os.path.join(os.path.dirname(path), name)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_what_anybody_could_read_is_made_private(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
    os.chmod(path, 0o644)
    os.chmod(os.path.dirname(path), 0o755)
    assert read_records(path) == [record(1)]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
@pytest.mark.parametrize("is_dangling", [False, True])
def test_a_link_is_not_followed(path: str, tmp_path: Path, is_dangling: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    if not is_dangling:
        elsewhere.write_text("")
    os.makedirs(os.path.dirname(path))
    os.symlink(elsewhere, path)
    assert "is a symbolic link, and none is followed" in remember([record(1)], path)
    with pytest.raises(StoreError, match="symbolic link"):
        read_records(path)
    with pytest.raises(StoreError, match="symbolic link"):
        clear(path)
    assert elsewhere.exists() is not is_dangling
    assert is_dangling or elsewhere.read_bytes() == b""


def test_a_memory_is_one_file(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
        assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_what_more_became_of_a_suggestion_is_taken_on(path: str) -> None:
    with open_memory(path) as memory:
        for origin in (Origin.TEACHER, Origin.APPLIED, Origin.LINTER):
            memory.add([record(1, origin=origin)])
        (kept,) = memory.records()
        classes = memory._connection.execute("SELECT class, count(*) FROM records GROUP BY class").fetchall()
    assert kept.origin is Origin.APPLIED
    assert classes == [("no-var applied", 1)]


# ------------------------------------------------------------------ bounds


def test_a_rare_class_stays_whole_where_a_common_one_fills_the_memory(path: str) -> None:
    with open_memory(path, capacity=40) as memory:
        memory.add(record(number, rule="no-var") for number in range(200))
        memory.add(record(number, rule="syntax-error") for number in range(200, 215))
        memory.add(record(number, rule="no-var") for number in range(300, 400))
        kept = Counter(one.rule for one in memory.records())
    assert kept == {"no-var": 25, "syntax-error": 15}


def test_two_common_classes_share_the_memory(path: str) -> None:
    with open_memory(path, capacity=40) as memory:
        memory.add(record(number, rule="no-var") for number in range(200))
        memory.add(record(number, rule="curly") for number in range(200, 400))
        kept = Counter(one.rule for one in memory.records())
    assert kept == {"no-var": 20, "curly": 20}


def test_a_full_class_is_a_fair_sample_of_what_was_seen(path: str) -> None:
    with open_memory(path, capacity=50) as memory:
        memory.add(record(number) for number in range(500))
        kept = [int(one.fingerprint, 16) for one in memory.records()]
    assert len(kept) == 50
    assert 5 <= sum(number >= 250 for number in kept) <= 45  # neither the first nor the last alone


def test_in_many_histories_rare_classes_stay_whole_common_ones_share_and_no_time_is_preferred(tmp_path: Path) -> None:
    """Chi-squared against even shares of five periods; 18.5 is passed by chance once in a thousand times."""
    periods, sizes = Counter[tuple[str, int]](), Counter[str]()
    for seed in range(40):
        rules = ["common"] * 180 + ["usual"] * 90 + ["rare"] * 5
        random.Random(seed).shuffle(rules)
        met_there = [record(1_000 * seed + number, rule=rule) for number, rule in enumerate(rules)]
        with open_memory(str(tmp_path / str(seed)), capacity=30) as memory:
            for start in range(0, len(rules), 25):  # a run each
                memory.add(met_there[start : start + 25])
                assert len(memory.records()) == min(30, start + 25)
            kept = [(one.rule, int(one.fingerprint, 16) - 1_000 * seed) for one in memory.records()]
        sizes.update(rule for rule, _ in kept)
        for name in ("common", "usual"):
            met = [number for number, rule in enumerate(rules) if rule == name]
            periods.update((name, 5 * met.index(number) // len(met)) for rule, number in kept if rule == name)
    assert sizes["rare"] == 40 * 5
    assert abs(sizes["common"] - sizes["usual"]) <= 40
    for name in ("common", "usual"):
        expected = sizes[name] / 5
        assert sum((periods[name, period] - expected) ** 2 / expected for period in range(5)) < 18.5


def test_a_memory_full_of_the_largest_records_stays_below_what_the_documents_say(path: str) -> None:
    """A tenth of the capacity, against a tenth of the size."""
    largest = [record(number)._replace(context=f"{number:09}" * 1_320) for number in range(500)]
    assert all(MOST_OF_RECORD - 300 < one.size <= MOST_OF_RECORD for one in largest)
    with open_memory(path, capacity=store.CAPACITY // 10) as memory:
        for start in range(0, 500, 100):
            memory.add(largest[start : start + 100])
        assert len(memory.records()) == store.CAPACITY // 10
    assert os.path.getsize(path) < 64_000_000 // 10


def test_a_suggestion_that_had_to_go_and_comes_back_is_still_one(path: str) -> None:
    with open_memory(path, capacity=20) as memory:
        for _ in range(5):
            memory.add(record(number) for number in range(60))
            kept = [one.fingerprint for one in memory.records()]
            assert len(kept) == len(set(kept)) == 20


def test_the_same_history_leaves_the_same_memory(tmp_path: Path) -> None:
    memories = []
    for name in ("a", "b"):
        with open_memory(str(tmp_path / name), capacity=10) as memory:
            memory.add(record(number) for number in range(100))
            memories.append(memory.records())
    assert memories[0] == memories[1]


def test_a_record_of_a_small_class_takes_the_place_of_one_of_the_largest() -> None:
    classes = {"a": Seen(9, 9, True), "b": Seen(1, 0)}
    choice = choose(classes, "b", 9, random.Random(1))
    assert (choice.keeps, choice.victim) == (True, "a")
    assert choose(classes, "b", 10, random.Random(1)).victim == ""


def test_of_a_full_class_the_share_kept_falls_as_more_is_seen() -> None:
    chance = random.Random(1)
    outcomes = [choose({"a": Seen(seen, 10, True)}, "a", 10, chance).keeps for seen in range(1_000, 2_000)]
    assert 1 <= sum(outcomes) <= 20  # 1,000 draws at 1 in 100 to 1 in 200


# ------------------------------------------------------------------ files of no use


def test_a_damaged_file_ends_in_a_sentence_and_can_be_deleted(path: str) -> None:
    os.makedirs(os.path.dirname(path))
    Path(path).write_bytes(b"this is no database, whatever its name may be" * 40)
    with pytest.raises(StoreError, match="is damaged; `thea-hook feedback clear` deletes it"):
        read_records(path)
    assert "nothing is remembered of this run" in remember([record(1)], path)
    assert clear(path)
    assert remember([record(1)], path) == ""


def test_a_page_that_was_written_over_ends_in_a_sentence(path: str) -> None:
    with open_memory(path) as memory:
        memory.add(record(number) for number in range(300))
    data = bytearray(Path(path).read_bytes())
    data[4_096:] = b"\xa5" * (len(data) - 4_096)
    Path(path).write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        read_records(path)
    assert "damaged" in remember([record(1)], path)


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE records",
        "UPDATE records SET vote = 'sideways'",
        "UPDATE records SET context = x'ff'",
        "UPDATE records SET context = CAST(x'ff' AS TEXT)",
        "UPDATE records SET line = 'one'",
        "PRAGMA user_version = 0",
    ],
)
def test_a_database_that_somebody_changed_is_called_damaged(path: str, harm: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
    with sqlite3.connect(path) as connection:
        connection.execute(harm)
    connection.close()
    with pytest.raises(StoreError, match="is damaged; `thea-hook feedback clear` deletes it"):
        read_records(path)
    assert clear(path)
    assert not os.path.exists(path)


def test_a_memory_that_is_being_written_is_not_deleted(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SECONDS", 0.01)
    with open_memory(path) as memory:
        memory.add([record(1)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        clear(path)
    other.execute("ROLLBACK")
    other.close()
    assert read_records(path) == [record(1)]
    assert clear(path)
    assert not clear(path)


def test_a_memory_in_use_ends_in_a_sentence(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SECONDS", 0.01)
    with open_memory(path) as memory:
        memory.add([record(1)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "in use by another program" in remember([record(2)], path)
    other.execute("ROLLBACK")
    other.close()
    assert read_records(path) == [record(1)]


def test_a_folder_that_cannot_be_made_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "thea").write_text("a file where the folder should be")
    assert "cannot be used" in remember([record(1)], str(tmp_path / "thea" / "memory.sqlite3"))


def test_a_full_disk_ends_in_a_sentence_that_says_so(path: str) -> None:
    with open_memory(path) as memory:
        (pages,) = memory._connection.execute("PRAGMA page_count").fetchone()
        memory._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="cannot be used: database or disk is full"):
            memory.add(record(number) for number in range(500))
        assert memory.add([record(1)]) == 1
    assert read_records(path) == [record(1)]


def test_a_file_that_cannot_be_written_ends_in_a_sentence(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
        memory._connection.execute("PRAGMA query_only = 1")  # as SQLite treats a file that it may only read
        with pytest.raises(StoreError, match="cannot be used: attempt to write a readonly database"):
            memory.add([record(2)])


def test_another_programs_database_is_left_alone(path: str) -> None:
    os.makedirs(os.path.dirname(path))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    connection.close()
    for use in (read_records, clear):
        with pytest.raises(StoreError, match="is the database of another program"):
            use(path)
    assert os.path.exists(path)


def test_a_memory_that_another_run_makes_at_this_moment_is_ours(path: str) -> None:
    os.makedirs(os.path.dirname(path))
    with closing(sqlite3.connect(path)) as connection:
        questions: list[str] = []

        class Slow:
            """A connection whose second question comes after another run."""

            def execute(self, statement: str) -> sqlite3.Cursor:
                questions.append(statement)
                if len(questions) == 2:
                    assert remember([record(1)], path) == ""
                return connection.execute(statement)

        store._refuse_foreign(Slow(), path)  # type: ignore[arg-type]
        assert len(questions) == 2


def test_a_transaction_that_fails_leaves_nothing(path: str) -> None:
    with open_memory(path) as memory:
        with pytest.raises(StoreError):
            memory.add([record(1), record(2)._replace(context="\ud800")])
        assert memory.records() == []


# ------------------------------------------------------------------ schema


def test_an_older_file_gets_the_new_schema_and_keeps_its_records(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
    newer = "ALTER TABLE classes ADD COLUMN note TEXT NOT NULL DEFAULT ''"
    monkeypatch.setattr(store, "MIGRATIONS", (*store.MIGRATIONS, newer))
    assert read_records(path) == [record(1)]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(store.MIGRATIONS),)
        assert "note" in [row[1] for row in connection.execute("PRAGMA table_info (classes)")]
    connection.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
    with monkeypatch.context() as patch:
        broken = "CREATE TABLE half (a TEXT); CREATE TABLE records (a TEXT)"
        patch.setattr(store, "MIGRATIONS", (*store.MIGRATIONS, broken))
        with pytest.raises(StoreError):
            read_records(path)
    assert read_records(path) == [record(1)]
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    connection.close()


def test_what_a_linter_agreed_to_is_told_from_the_teachers_in_a_file_of_the_first_schema(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, voted = record(1, rule="eslint/no-var"), record(2, rule="eslint/no-var", vote=Vote.DOWN)
    rows = [one._replace(origin=Origin.TEACHER) for one in (theirs, voted, record(3))]
    with monkeypatch.context() as patch:
        patch.setattr(store, "MIGRATIONS", store.MIGRATIONS[:1])
        with open_memory(path) as memory:
            memory._connection.execute("PRAGMA journal_mode = WAL")
            memory.add(rows)
    with open_memory(path) as memory:
        assert [one.origin for one in memory.records()] == [Origin.LINTER, Origin.LINTER, Origin.TEACHER]
        assert [one.vote for one in memory.records()] == [Vote.NONE, Vote.DOWN, Vote.NONE]
        assert set(memory._classes()) == {"eslint/no-var linter", "eslint/no-var down", "no-var teacher"}
        assert {name: seen.kept for name, seen in memory._classes().items()} == dict.fromkeys(memory._classes(), 1)
        assert memory._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_file_of_a_newer_version_is_left_alone(path: str) -> None:
    with open_memory(path) as memory:
        memory.add([record(1)])
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(store.MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match="was written by a newer thea-hook"):
        read_records(path)
