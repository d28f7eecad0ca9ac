"""Mistakes of the fingers: letters, characters, words and commands that were never meant to be in the text."""

from __future__ import annotations

import random
from collections.abc import Sequence

from thea_hook.core.finding import Edit
from thea_hook.lab.chaos.places import Places, Row, insertion, new_line
from thea_hook.languages.lexemes import Kind

Edits = Sequence[Edit]


def stray_letter(places: Places, index: int, rng: random.Random) -> Edits:
    """A key that was hit in the wrong window, or once too often."""
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz" * 3 + "sdjkisxv" * 4 + "ABDS0123456789").encode()
    if rng.random() < 0.15:
        letter *= rng.randint(2, 4)
    return [_beside(places, places.rows[index], letter, rng)]


_CHARACTERS = (
    *r"` ` \ \ @ # $ % ~ ^ & * | § ± ¨ ´ ; ' \" / . , - + = ? ! < > [ ] \\ `` € ¿ °".split(),
    "\u200b",
    "\x7f",
    "\x08",
)


def stray_character(places: Places, index: int, rng: random.Random) -> Edits:
    """A character that belongs to nothing."""
    return [_beside(places, places.rows[index], rng.choice(_CHARACTERS).encode(), rng)]


_WORDS = tuple(
    "test asdf foo here todo TODO FIXME wip hello ok xxx sdf qwe lorem end then do begin done fixed new NaN "
    "untracked deprecated copy paste start null undefined function const".split()
)


def stray_word(places: Places, index: int, rng: random.Random) -> Edits:
    """A word that was typed or pasted in the wrong place; often one of the text itself."""
    word = rng.choice(places.names) if places.names and rng.random() < 0.5 else rng.choice(_WORDS).encode()
    return [_beside(places, places.rows[index], word, rng, is_spaced=True)]


def _beside(places: Places, row: Row, text: bytes, rng: random.Random, *, is_spaced: bool = False) -> Edit:
    """The text in a line: mostly at its end or its beginning, where the cursor is."""
    gap = b" " if is_spaced or rng.random() < 0.3 else b""
    chance = rng.random()
    if chance < 0.15:
        return new_line(places, row, text)
    if chance < 0.45 and places.kinds[row.last] != Kind.COMMENT:
        return insertion(places.ends[row.last], gap + text)
    if chance < 0.65:
        return insertion(places.starts[row.first], text + gap)
    index = rng.randint(row.first, row.last)
    if rng.random() < 0.5:
        return insertion(places.ends[index], gap + text)
    return insertion(places.starts[index], text + gap)


_COMMANDS = tuple(
    'git add .|git status|git commit -m "fix"|git push|:w|:wq|:q!|:x|npm install|npm run dev|npm start|yarn|yarn test'
    "|ls -la|cd ..|cd src|$ node index.js|$ npm test|> node app.js|sudo !!|dd|ggVG|i|/search|clear|exit|vim .|code ."
    "|node server.js|docker ps|pnpm i|npx tsc --noEmit|cat file|```|```js|```ts|---|***|+|-|@@ -1,6 +1,7 @@".split("|")
)


def stray_command(places: Places, index: int, rng: random.Random) -> Edits:
    """A shell prompt, an editor's command or a line of a diff, mostly on its own line."""
    row, command = places.rows[index], rng.choice(_COMMANDS).encode()
    if rng.random() < 0.75:
        return [new_line(places, row, command, indent=None if rng.random() < 0.5 else b"")]
    return [insertion(places.starts[row.first], command + (b" " if rng.random() < 0.5 else b""))]
