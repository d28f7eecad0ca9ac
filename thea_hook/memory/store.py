"""The memory as a file: an SQLite database in the user's data folder.

It outlives caches and belongs to the user, so it lies where this system keeps data, readable by the user alone. Several
runs may use it at once (write-ahead log); one that cannot have it within half a second goes on without.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from thea_hook.errors import TheaError
from thea_hook.memory.records import Origin, Record, Vote
from thea_hook.memory.reservoir import Seen, choose

if TYPE_CHECKING:
    from sqlite3 import Connection

CAPACITY = 4_000
"""Records; with contexts of 8 KiB at most, the file stays below 40 MB."""
SECONDS = 0.5
"""How long to wait for another run that writes."""

APPLICATION = 0x7468_6561  # "thea", which tells the file from another program's
MIGRATIONS = (
    """
    CREATE TABLE records (
        key TEXT PRIMARY KEY, class TEXT NOT NULL,
        error TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, context TEXT NOT NULL,
        correct_diff TEXT NOT NULL, timestamp TEXT NOT NULL, rule TEXT NOT NULL, source TEXT NOT NULL,
        confidence REAL NOT NULL, fingerprint TEXT NOT NULL, vote TEXT NOT NULL, origin TEXT NOT NULL,
        context_line INTEGER NOT NULL
    );
    CREATE INDEX records_class ON records (class, key);
    CREATE INDEX records_fingerprint ON records (fingerprint);
    CREATE TABLE classes (name TEXT PRIMARY KEY, seen INTEGER NOT NULL, was_largest INTEGER NOT NULL);
    """,
)
"""What each version of the schema adds to the one before; ``user_version`` counts those that a file has."""

_COLUMNS = ", ".join(Record._fields)


class StoreError(TheaError):
    """The memory cannot be read or written; the text says why, and what can be done."""


def memory_path() -> str:
    """Where this system keeps data of the user's programs."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return os.path.join(base, "thea-hook", "memory.sqlite3")


class Memory:
    """An open memory. Everything here raises StoreError where the file cannot be used."""

    def __init__(self, path: str, connection: Connection, capacity: int) -> None:
        self.path = path
        self._connection = connection
        self._capacity = capacity

    def add(self, records: Iterable[Record]) -> int:
        """Keep records, each once; how many are new and kept. One that is known takes on a new vote."""
        with _sentences(self.path), self._transaction():
            return sum([self._add(record) for record in records])

    def vote(self, key: str, vote: Vote) -> None:
        """Say of a record that is kept what a person thinks of it."""
        with _sentences(self.path), self._transaction():
            record = self._record(key)
            if record is not None:
                self._write(record._replace(vote=vote), counted=record.vote is not vote)

    def find(self, fingerprint: str) -> list[Record]:
        """The records whose fingerprint begins so, the newest first."""
        with _sentences(self.path):
            condition = "WHERE substr(fingerprint, 1, ?) = ? ORDER BY timestamp DESC, key"
            return self._select(condition, len(fingerprint), fingerprint)

    def records(self) -> list[Record]:
        """All of them, the oldest first."""
        with _sentences(self.path):
            return self._select("ORDER BY timestamp, key")

    # ------------------------------------------------------------ inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """The whole or nothing; the lock is taken at the beginning, since a read cannot become a write later on."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _add(self, record: Record) -> bool:
        known = self._record(record.key)
        if known is not None:
            if record.vote and record.vote is not known.vote:
                self._write(known._replace(vote=record.vote, fingerprint=record.fingerprint), counted=True)
            return False
        self._count(record.group)
        classes = self._classes()
        choice = choose(classes, record.group, self._capacity)
        if choice.became_full:
            self._connection.execute("UPDATE classes SET was_largest = 1 WHERE name = ?", (choice.became_full,))
        if choice.victim:
            victim = "SELECT key FROM records WHERE class = ? ORDER BY key LIMIT 1 OFFSET ?"
            self._connection.execute(f"DELETE FROM records WHERE key = ({victim})", (choice.victim, choice.number))
        if choice.keeps:
            self._write(record, counted=False)
        return choice.keeps

    def _write(self, record: Record, *, counted: bool) -> None:
        """Write a record over itself; ``counted`` where it is of another class now."""
        if counted:
            self._count(record.group)
        values = (record.key, record.group, *map(_plain, record))
        marks = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT OR REPLACE INTO records (key, class, {_COLUMNS}) VALUES ({marks})", values)

    def _count(self, name: str) -> None:
        self._connection.execute(
            "INSERT INTO classes VALUES (?, 1, 0) ON CONFLICT (name) DO UPDATE SET seen = seen + 1", (name,)
        )

    def _classes(self) -> dict[str, Seen]:
        kept = dict(self._connection.execute("SELECT class, count(*) FROM records GROUP BY class"))
        rows = self._connection.execute("SELECT name, seen, was_largest FROM classes")
        return {name: Seen(seen, kept.get(name, 0), bool(full)) for name, seen, full in rows}

    def _record(self, key: str) -> Record | None:
        return next(iter(self._select("WHERE key = ?", key)), None)

    def _select(self, condition: str, *values: object) -> list[Record]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM records {condition}", values)
        return [_record_of(row) for row in rows]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Vote | Origin) else value


def _record_of(row: Sequence[object]) -> Record:
    record = Record(*row)  # type: ignore[arg-type]
    return record._replace(vote=Vote(record.vote), origin=Origin(record.origin))


# ------------------------------------------------------------------ files


@contextmanager
def open_memory(path: str, *, capacity: int = CAPACITY) -> Iterator[Memory]:
    """The memory in a file, made where there is none. Raises StoreError where that cannot be."""
    with _sentences(path):
        connection = _connect(path)
    with closing(connection):
        with _sentences(path):
            _prepare(connection, path)
        yield Memory(path, connection, capacity)


def read_records(path: str) -> list[Record]:
    """What is remembered; nothing where there is no file, and none is made. Raises StoreError."""
    if not os.path.exists(path):
        return []
    with open_memory(path) as memory:
        return memory.records()


def clear(path: str) -> bool:
    """Delete the memory, also one that is damaged; whether there was one. Raises StoreError."""
    there = os.path.exists(path)
    try:
        for name in (path, f"{path}-wal", f"{path}-shm"):
            with suppress(FileNotFoundError):
                os.unlink(name)
    except OSError as exc:
        raise StoreError(f"the memory {path} cannot be deleted: {exc.strerror}") from exc
    return there


def _connect(path: str) -> Connection:
    import sqlite3

    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # nobody else's to read, ever
    return sqlite3.connect(path, timeout=SECONDS, isolation_level=None)


def _prepare(connection: Connection, path: str) -> None:
    """Bring the file to the present schema, with what is in it."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and tables:
        raise StoreError(f"{path} is the database of another program")
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another run may have been here between the two questions
        if version > len(MIGRATIONS):
            raise StoreError(f"the memory {path} was written by a newer thea-hook")
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


@contextmanager
def _sentences(path: str) -> Iterator[None]:
    """What SQLite and the file system complain of, as a sentence."""
    try:
        import sqlite3
    except ImportError as exc:
        raise StoreError("there is no memory: this Python was built without sqlite3") from exc
    try:
        yield
    except sqlite3.OperationalError as exc:
        if "locked" in str(exc) or "busy" in str(exc):
            raise StoreError(f"the memory {path} is in use by another program") from exc
        raise StoreError(f"the memory {path} cannot be used: {exc}") from exc
    except (sqlite3.Error, ValueError, TypeError) as exc:
        raise StoreError(f"the memory {path} is damaged; `thea-hook feedback clear` deletes it") from exc
    except OSError as exc:
        raise StoreError(f"the memory {path} cannot be used: {exc.strerror}") from exc
