"""Text as HTML: none of it becomes a tag, an attribute or an order to the browser, and none of it is invisible."""

from __future__ import annotations

import re
from html import escape

from thea_hook.reporting.text import DECEPTIVE, escaped

MOST_CHARACTERS = 2_000  # of a message


def text(value: str) -> str:
    """The text between tags; what could deceive a reader is an escape in a frame of its own."""
    return DECEPTIVE.sub(lambda match: f"<i>{escaped(match)}</i>", escape(value))


def code(value: str) -> str:
    """The same for source text, whose tabs stay."""
    return "\t".join(map(text, value.split("\t")))


def attribute(value: str) -> str:
    """The text between double quotes."""
    return escape(DECEPTIVE.sub(escaped, value))


def sentence(value: str) -> str:
    """A message: what stands between backticks is code, and what nobody would read to its end is cut."""
    if len(value) > MOST_CHARACTERS:
        return text(value[:MOST_CHARACTERS]) + "…"
    parts = value.split("`")
    if len(parts) % 2 == 0 or "" in parts[1::2]:
        return text(value)
    return "".join(f"<code>{text(part)}</code>" if index % 2 else text(part) for index, part in enumerate(parts))


def path(value: str) -> str:
    """A path whose last part stands out; each part is read in its own direction."""
    folder, slash, name = value.rpartition("/")
    before = f"<bdi>{text(folder + slash)}</bdi>" if slash else ""
    return f"{before}<b><bdi>{text(name)}</bdi></b>"


def anchor(rule_id: str) -> str:
    """The id of what is said about a rule; whatever the rule is called, it is one word of ASCII."""
    return "rule-" + re.sub(r"[^a-z0-9-]", lambda match: f"_{ord(match[0]):x}", rule_id)
