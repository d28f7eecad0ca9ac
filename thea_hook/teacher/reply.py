"""The answer of a model, read with patience: from whatever form it has to the new text of the lines that it was shown.

Models were told a form and keep to it most of the time. The rest of the time they think aloud, put a fence around the
JSON, number the lines, miscount those of a diff, or write the whole function, or the whole file, anew. What can be
understood in one way only is taken; everything else is refused with the reason. Nothing of an answer is ever executed,
and no word of it is ever shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from thea_hook.teacher.lines import Shown, Unclear
from thea_hook.teacher.patches import applied_diff, looks_like_diff

LONGEST = 64 << 10
"""Characters of an answer that are looked at."""
MOST_EDITS = 32
MOST_TRIES = 40
"""How many braces are tried as the beginning of the JSON object."""

_END_OF_THOUGHTS = re.compile(r"</(?:think|thinking|thought|reasoning)\s*>", re.IGNORECASE)
_THOUGHT_AHEAD = re.compile(r"<(?:think|thinking|thought|reasoning)\b", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(`{3,9}|~{3,9})[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_EDITS, _DIFF, _CODE = ("edits", "changes"), ("diff", "patch"), ("code", "fixed", "fixed_code", "text", "lines")


class Reading(NamedTuple):
    """What an answer says: the new text of the lines, or why it says nothing."""

    text: str | None
    refusal: str = ""


def read_reply(answer: str, shown: Shown, whole: str = "") -> Reading:
    """The new text of the lines that were shown. ``whole`` is the file they are from, for answers that repeat it."""
    if len(answer) > LONGEST:
        return Reading(None, "the answer is longer than any repair")
    spoken = _without_thoughts(answer).strip()
    if not spoken:
        return Reading(None, "the answer is empty")
    try:
        text = _read(spoken, shown, whole)
    except Unclear as exc:
        return Reading(None, str(exc))
    if text == shown.text:
        return Reading(None, "the answer changes nothing")
    return Reading(text)


def _without_thoughts(answer: str) -> str:
    """What comes after the last thought, or where nothing does, before the first. Some templates open the thoughts in
    the question, so that the answer only ends them."""
    *_, after = _END_OF_THOUGHTS.split(answer)
    for text in (after, answer):
        ahead = _THOUGHT_AHEAD.search(text)
        spoken = text[: ahead.start()] if ahead else text
        if spoken.strip():
            return spoken
    return ""


def _read(spoken: str, shown: Shown, whole: str) -> str:
    blocks = [match[2] for match in _FENCE.finditer(spoken)]
    for text in (spoken, *blocks):
        value = _json(text)
        if value is not None:
            return _of_json(value, shown, whole)
    for text in (*blocks, spoken):
        if looks_like_diff(text):
            return applied_diff(text, shown)
    if len(blocks) > 1:
        raise Unclear("the answer holds several pieces of code")
    if blocks:
        return _of_code(blocks[0], shown, whole)
    raise Unclear("the answer is prose")


def _json(text: str) -> object:
    """The first JSON object of a known form in a text, or a list of edits; None where there is none."""
    decoder = json.JSONDecoder()
    for start in _openings(text):
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list) and value and all(map(_is_edit, value)):
            return {"edits": value}
        if isinstance(value, dict) and (_is_edit(value) or any(key in value for key in (*_EDITS, *_DIFF, *_CODE))):
            return {"edits": [value]} if _is_edit(value) else value
    return None


def _openings(text: str) -> Iterator[int]:
    found = (match.start() for match in re.finditer(r"[{\[]", text))
    yield from (start for start, _ in zip(found, range(MOST_TRIES), strict=False))


def _is_edit(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("old"), str) and isinstance(value.get("new"), str)


def _of_json(value: object, shown: Shown, whole: str) -> str:
    assert isinstance(value, dict)
    for key in _EDITS:
        if isinstance(value.get(key), list):
            return _edited(value[key], shown)
    for key in _DIFF:
        if isinstance(value.get(key), str):
            return applied_diff(value[key], shown)
    for key in _CODE:
        if isinstance(value.get(key), str):
            return _of_code(value[key], shown, whole)
    raise Unclear("the answer is JSON of another form")


def _edited(edits: Sequence[object], shown: Shown) -> str:
    if not edits:
        raise Unclear("the teacher does not know either")
    if len(edits) > MOST_EDITS:
        raise Unclear("the answer has more edits than a repair needs")
    changes = []
    for edit in edits:
        if not isinstance(edit, dict) or not _is_edit(edit):
            raise Unclear("an edit lacks its old or its new lines")
        line = edit.get("line")
        hint = line if isinstance(line, int) and not isinstance(line, bool) else None
        changes.append(shown.replacement(edit["old"], edit["new"], hint))
    return shown.with_changes(changes)


def _of_code(code: str, shown: Shown, whole: str) -> str:
    """Code that stands for all lines, for the whole file, or for a stretch with the same first and last line."""
    return shown.rewritten(code, whole)
