"""``--watch``: check again whenever something changes that the result depends on.

The stamps of files and folders are looked at from time to time; no system service tells of changes. What has to be
looked at is the list that a run makes anyway, while such services take whole trees, ``node_modules`` and all, run out
of watches there, and are silent on network mounts and in many containers. Looks take at most a twentieth of the time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TextIO

from thea_hook.config_file import may_configure
from thea_hook.errors import TheaError
from thea_hook.files import discover, display_path, folders
from thea_hook.git import find_root
from thea_hook.reporting.text import visible

if TYPE_CHECKING:
    from thea_hook.config import Configuration
    from thea_hook.core.report import Report

PAUSE_SECONDS = 0.3
MOST_OF_THE_TIME = 0.05
"""The share of the time that looking may take: above it the pauses get longer."""
SETTLING_SECONDS = 0.05
"""Somebody who changes several files (git, a formatter) is waited for until nothing has changed this long."""
MOST_SETTLING = 100

# What vitest and tsc send: the screen, what was scrolled out of it, and the cursor to the top.
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

_TICK = 100_000_000
"""Nanoseconds; clocks of file systems tick some hundred times a second, on FAT every two seconds."""

Stamp = tuple[int, int, int]


class Survey(NamedTuple):
    """What a run depends on: the files it checks, those that configure it, and the folders that may get more of both.

    The stamp of a folder is from before it was looked into: what comes into it meanwhile makes the next one differ.
    """

    files: tuple[str, ...]
    settings: tuple[str, ...]
    folders: Mapping[str, Stamp | None]


class Look(NamedTuple):
    """A survey, and the stamps of its files and settings; None for what is not there."""

    survey: Survey
    stamps: Mapping[str, Stamp | None]


class Screen:
    """Where the reports go. At a terminal each report has the screen for itself; elsewhere they follow each other."""

    def __init__(self, out: TextIO, notes: TextIO, *, clears: bool) -> None:
        self._out = out
        self._notes = notes
        self._clears = clears

    def begin(self, changed: Sequence[str]) -> None:
        """Make room for the next report, and say why there is one."""
        if self._clears:
            self._out.write(_CLEAR)
            self._out.flush()
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        self.note(f"{visible(changed[0])}{more} changed")

    def note(self, text: str) -> None:
        self._notes.write(f"[{time.strftime('%H:%M:%S')}] {text}\n")
        self._notes.flush()


def watch(check: Callable[[], Report], survey: Callable[[], Survey], screen: Screen) -> None:
    """Check now and after every change, until Ctrl-C.

    ``check`` prints its report. What makes a run impossible raises TheaError from the first one; later it is said, and
    the next change gives the next chance.
    """
    look = _look(survey())
    look = _without_own_writes(look, check())
    while True:
        count = len(look.survey.files)
        try:
            screen.note(f"watching {count} {'file' if count == 1 else 'files'}; Ctrl-C ends")
            look, changed = _wait_for_change(look, survey)
        except KeyboardInterrupt:
            return
        screen.begin(changed)
        try:
            look = _without_own_writes(look, check())
        except TheaError as exc:
            screen.note(str(exc))


# ------------------------------------------------------------------ what there is


def survey_of(paths: Sequence[str], configuration: Configuration, *, force_exclude: bool) -> Survey:
    """What a run over these paths depends on. Raises TheaError where there can be none."""
    project = configuration.project()
    watched: dict[str, Stamp | None] = {}
    for path in paths:
        inside = (
            folders(path, excluded=configuration.excluded, respect_gitignore=project.respect_gitignore)
            if os.path.isdir(path)
            else [display_path(os.path.dirname(path) or os.curdir)]
        )
        watched.update((folder, _folder_stamp(folder)) for folder in inside)
        watched.update((folder, _folder_stamp(folder)) for folder in _above(path))
    found = discover(
        paths,
        excluded=configuration.excluded,
        force_exclude=force_exclude,
        respect_gitignore=project.respect_gitignore,
    )
    settings = [path for folder in watched for path in _settings_in(folder)]
    if project.source is not None:
        settings.append(project.source)
    files = tuple(candidate.path for candidate in found.candidates)
    return Survey(files, tuple(dict.fromkeys(map(display_path, settings))), watched)


def _above(path: str) -> Iterator[str]:
    """The folders above, up to the root of the repository, whose configuration may hold for the path."""
    top = find_root(os.path.dirname(os.path.abspath(path)))
    current = os.path.abspath(path)
    while top is not None and current not in (top, os.path.dirname(current)):
        current = os.path.dirname(current)
        yield display_path(current)


def _settings_in(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name == ".gitignore" or may_configure(name)]


def _look(survey: Survey) -> Look:
    return Look(survey, _stamps(survey))


def _stamps(survey: Survey) -> dict[str, Stamp | None]:
    return {path: _stamp(path) for path in (*survey.files, *survey.settings)}


def _stamp(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _folder_stamp(folder: str) -> Stamp | None:
    """None for a folder that has only just changed: the clock of its file system may not tell the next change apart."""
    stamp = _stamp(folder)
    return None if stamp is None or time.time_ns() - stamp[0] < _TICK else stamp


# ------------------------------------------------------------------ what has changed


def _wait_for_change(before: Look, survey: Callable[[], Survey]) -> tuple[Look, list[str]]:
    """The next look that shows another result may come of it, and the files that are to blame."""
    look = before
    while True:
        began = time.monotonic()
        look, is_other = _look_again(look, survey)
        if is_other:
            look = _settled(look, survey)
            changed = _changed(before, look)
            if changed:
                return look, changed
        time.sleep(max(PAUSE_SECONDS, (time.monotonic() - began) / MOST_OF_THE_TIME))


def _settled(look: Look, survey: Callable[[], Survey]) -> Look:
    """The look when nothing changes any more: a file may be half written, or the first of many."""
    for _ in range(MOST_SETTLING):
        time.sleep(SETTLING_SECONDS)
        look, is_other = _look_again(look, survey)
        if not is_other:
            break
    return look


def _look_again(before: Look, survey: Callable[[], Survey]) -> tuple[Look, bool]:
    """A new look, and whether files or settings are not as they were."""
    now = Look(before.survey, _stamps(before.survey))
    folders_differ = any(_stamp(folder) != stamp for folder, stamp in before.survey.folders.items())
    if folders_differ or any(before.stamps[path] != now.stamps[path] for path in before.survey.settings):
        with suppress(TheaError):  # a configuration in the middle of an edit, a named file that is gone
            now = _look(survey())
    return now, bool(_changed(before, now))


def _changed(before: Look, now: Look) -> list[str]:
    names = {*before.stamps, *now.stamps}
    return sorted(path for path in names if before.stamps.get(path) != now.stamps.get(path))


def _without_own_writes(look: Look, report: Report) -> Look:
    """The look with the stamps of files as the run left them, unless somebody has changed them since."""
    stamps = dict(look.stamps)
    for result in report.results:
        if result.patch is not None and report.wrote:
            stamp = _stamp(result.path)
            if _content(result.path) == result.patch.after:
                stamps[result.path] = stamp
    return look._replace(stamps=stamps)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
