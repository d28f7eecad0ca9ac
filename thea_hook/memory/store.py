"""The memory as a file: an SQLite database in the user's data folder.

It outlives caches and belongs to the user, so it lies where this system keeps data, readable by the user alone. Each
run writes once; one that cannot have the file within half a second goes on without. SQLite's rollback journal does for
that, and unlike the write-ahead log it works in a home that is a network drive, or that can only be read.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from random import Random
from typing import TYPE_CHECKING

from thea_hook.errors import TheaError
from thea_hook.memory.records import Record, from_dict
from thea_hook.memory.reservoir import Seen, choose

if TYPE_CHECKING:
    from sqlite3 import Connection

CAPACITY = 4_000
"""Records; as none is larger than 12 KiB, the file stays below 64 MB. Most are far smaller."""
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
    # what another linter agreed to went for the teacher's; of our own rules none has a slash in its name
    """
    UPDATE records SET origin = 'linter' WHERE origin = 'teacher' AND instr(rule, '/');
    UPDATE records SET class = rule || ' linter' WHERE origin = 'linter' AND vote = '';
    UPDATE classes SET name = substr(name, 1, length(name) - length('teacher')) || 'linter'
        WHERE name LIKE '%/% teacher';
    """,
)
"""What each version of the schema adds to the one before; ``user_version`` counts those that a file has."""

_COLUMNS = ", ".join(Record._fields)
_OF_THE_SYSTEM = ("unable to open", "readonly", "disk I/O", "is full")
"""What SQLite complains of where the file is as it should be."""


class StoreError(TheaError):
    """The memory cannot be read or written; the text says why, and what can be done."""


class DamagedError(StoreError):
    """What is in the file is no memory any more."""

    def __init__(self, path: str) -> None:
        super().__init__(f"the memory {path} is damaged; `thea-hook feedback clear` deletes it")


def memory_path() -> str:
    """Where this system keeps data of the user's programs."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):  # which the XDG specification says to ignore; code stays out of working folders
            base = os.path.join(home, ".local", "share")
    return os.path.join(base, "thea-hook", "memory.sqlite3")


class Memory:
    """An open memory. Everything here raises StoreError where the file cannot be used."""

    def __init__(self, path: str, connection: Connection, capacity: int) -> None:
        self.path = path
        self._connection = connection
        self._capacity = capacity

    def add(self, records: Iterable[Record]) -> int:
        """Keep records, each once; how many are new and kept. One that is known takes on a new vote, and what more
        became of it."""
        with _sentences(self.path), self._transaction():
            before = self._classes()
            classes = dict(before)
            kept = sum([self._add(record, classes) for record in records])
            self._write_classes(item for item in classes.items() if item[1] != before.get(item[0]))
            return kept

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
            self._connection.execute("COMMIT")
        except BaseException:
            _roll_back(self._connection)
            raise

    def _add(self, record: Record, classes: dict[str, Seen]) -> bool:
        known = self._record(record.key)
        if known is not None:
            self._update(known, known.after(record), classes)
            return False
        own = classes.get(record.group, Seen())
        classes[record.group] = own._replace(seen=own.seen + 1)
        # of the record and its place in the history: the same history leaves the same memory, another one another
        seen = sum(entry.seen for entry in classes.values())
        choice = choose(classes, record.group, self._capacity, Random(f"{record.key} {seen}"))
        if choice.became_full:
            classes[choice.became_full] = classes[choice.became_full]._replace(full=True)
        if choice.victim:
            victim = "SELECT key FROM records WHERE class = ? ORDER BY key LIMIT 1 OFFSET ?"
            self._connection.execute(f"DELETE FROM records WHERE key = ({victim})", (choice.victim, choice.number))
            _count(classes, choice.victim, -1)
        if choice.keeps:
            self._write(record)
            _count(classes, record.group, 1)
        return choice.keeps

    def _update(self, known: Record, record: Record, classes: dict[str, Seen]) -> None:
        """Write a record over itself; where it is of another class now, it was seen there, too."""
        if record == known:
            return
        self._write(record)
        if record.group != known.group:
            own = classes.get(record.group, Seen())
            classes[record.group] = own._replace(seen=own.seen + 1)
            _count(classes, known.group, -1)
            _count(classes, record.group, 1)

    def _write(self, record: Record) -> None:
        values = (record.key, record.group, *record.as_dict().values())
        marks = ", ".join("?" * len(values))
        self._connection.execute(f"INSERT OR REPLACE INTO records (key, class, {_COLUMNS}) VALUES ({marks})", values)

    def _classes(self) -> dict[str, Seen]:
        kept = dict(self._connection.execute("SELECT class, count(*) FROM records GROUP BY class"))
        rows = self._connection.execute("SELECT name, seen, was_largest FROM classes")
        return {name: Seen(seen, kept.get(name, 0), bool(full)) for name, seen, full in rows}

    def _write_classes(self, classes: Iterable[tuple[str, Seen]]) -> None:
        rows = [(name, entry.seen, entry.full) for name, entry in classes]
        self._connection.executemany("INSERT OR REPLACE INTO classes VALUES (?, ?, ?)", rows)

    def _record(self, key: str) -> Record | None:
        return next(iter(self._select("WHERE key = ?", key)), None)

    def _select(self, condition: str, *values: object) -> list[Record]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM records {condition}", values)
        try:
            return [from_dict(dict(zip(Record._fields, row, strict=True))) for row in rows]
        except ValueError as exc:
            raise DamagedError(self.path) from exc


def _count(classes: dict[str, Seen], name: str, number: int) -> None:
    classes[name] = classes[name]._replace(kept=classes[name].kept + number)


# ------------------------------------------------------------------ files


@contextmanager
def open_memory(path: str, *, capacity: int = CAPACITY) -> Iterator[Memory]:
    """The memory in a file, made where there is none. Raises StoreError where that cannot be."""
    with _connected(path) as connection:
        with _sentences(path):
            _prepare(connection, path)
        yield Memory(path, connection, capacity)


def read_records(path: str) -> list[Record]:
    """What is remembered; nothing where there is no file, and none is made. Raises StoreError."""
    if not os.path.lexists(path):
        return []
    with open_memory(path) as memory:
        return memory.records()


def clear(path: str) -> bool:
    """Delete the memory, also one that is damaged; whether there was one. Raises StoreError where a run is writing it,
    and where it is not ours."""
    if not os.path.lexists(path):
        return False
    with suppress(DamagedError), _connected(path) as connection, _sentences(path):
        _refuse_foreign(connection, path)
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    with _sentences(path):
        for name in (path, f"{path}-journal", f"{path}-wal", f"{path}-shm"):
            with suppress(FileNotFoundError):
                os.unlink(name)
    return True


@contextmanager
def _connected(path: str) -> Iterator[Connection]:
    with _sentences(path):
        import sqlite3

        _make_private(path)
        connection = sqlite3.connect(path, timeout=SECONDS, isolation_level=None)
    with closing(connection):
        yield connection


def _make_private(path: str) -> None:
    """See that the file is there, in a folder of its own, and nobody else's to read, also where it came from a backup
    that knows no permissions."""
    if os.path.islink(path):
        raise StoreError(f"the memory {path} is a symbolic link, and none is followed")
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for name, mode in ((folder, 0o700), (path, 0o600)):
        with suppress(OSError):  # somebody else's, or on a drive that can only be read
            if os.name == "posix" and stat.S_IMODE(os.stat(name).st_mode) & 0o077:
                os.chmod(name, mode)


def _prepare(connection: Connection, path: str) -> None:
    """Bring the file to the present schema, with what is in it."""
    _refuse_foreign(connection, path)
    if _version(connection, path) == len(MIGRATIONS):
        return
    connection.execute("PRAGMA journal_mode = DELETE")  # the first schema had a log
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path)  # another run may have been here between the two questions
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: Connection) -> None:
    if connection.in_transaction:  # on a full disk SQLite has done so already
        connection.execute("ROLLBACK")


def _refuse_foreign(connection: Connection, path: str) -> None:
    # in this order, since another run may make tables and mark at once in between
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION and tables:
        raise StoreError(f"{path} is the database of another program")


def _version(connection: Connection, path: str) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreError(f"the memory {path} was written by a newer thea-hook")
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
        if any(reason in str(exc) for reason in _OF_THE_SYSTEM):
            raise StoreError(f"the memory {path} cannot be used: {exc}") from exc
        raise DamagedError(path) from exc
    except sqlite3.Error as exc:
        raise DamagedError(path) from exc
    except UnicodeError as exc:
        raise StoreError("a suggestion holds characters that no text has") from exc
    except OSError as exc:
        raise StoreError(f"the memory {path} cannot be used: {exc.strerror}") from exc
