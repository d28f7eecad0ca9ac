"""How well broken text is mended: real files with seeded mistakes in them.

    python benchmarks/syntax_repairs.py FOLDER [--per-class 40] [--mistakes 1] [--seed 1]

Takes JavaScript and TypeScript files below FOLDER that parse, breaks each with mistakes of one class, and reports for
every class how many of the broken texts were found (`syntax-error`), mended to exactly the text there was, and mended
to another one: after the SAFE fixes alone, and after all of them. A mistake that leaves the text parseable is drawn
again.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from thea_hook.core.finding import Applicability
from thea_hook.core.source import SourceFile, language_of
from thea_hook.fixer import fix_until_stable
from thea_hook.languages.lexemes import Kind, Token, lex
from thea_hook.languages.oracle import Answer, judge
from thea_hook.ruleset.engine import ActiveRule
from thea_hook.ruleset.loader import load
from thea_hook.syntax.engine import SyntaxEngine

Mistake = Callable[[bytes, list[Token], random.Random], "bytes | None"]
_FULL_WIDTH = {mark: chr(ord(mark) + 0xFEE0).encode() for mark in "(){}[],;:=<>!?+*&|."}
_KEYWORDS = frozenset(
    b"async await break case catch class const continue default delete else export extends finally for from function "
    b"if import in instanceof interface let new private public readonly return static switch throw try type typeof var "
    b"void while yield".split()
)


def _replace(text: bytes, token: Token, with_: bytes) -> bytes:
    return text[: token.start] + with_ + text[token.end :]


def spaced_operator(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.PUNCTUATION and len(token.text) > 1]
    if not found:
        return None
    token = chance.choice(found)
    return _replace(text, token, b" ".join(token.text[i : i + 1] for i in range(len(token.text))))


def smart_quotes(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.STRING and b"\\" not in token.text]
    if not found:
        return None
    token = chance.choice(found)
    left, right = ("“", "”") if token.text[:1] == b'"' else ("‘", "’")
    return _replace(text, token, left.encode() + token.text[1:-1] + right.encode())


def invisible(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.PUNCTUATION]
    if not found:
        return None
    place = chance.choice(found).end
    return text[:place] + chance.choice(["\u2060", "\u00ad", "\u200e"]).encode() + text[place:]


def full_width(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.PUNCTUATION and token.text.decode() in _FULL_WIDTH]
    if not found:
        return None
    token = chance.choice(found)
    return _replace(text, token, _FULL_WIDTH[token.text.decode()])


def equal_conflict(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    return _conflict(text, chance, lambda lines: lines)


def _conflict(text: bytes, chance: random.Random, other: Callable[[list[bytes]], list[bytes]]) -> bytes | None:
    lines = text.splitlines(keepends=True)
    if len(lines) < 8 or b"\r" in text:
        return None
    first = chance.randrange(len(lines) - 3)
    side = lines[first : first + 3]
    block = [b"<<<<<<< HEAD\n", *side, b"=======\n", *other(side), b">>>>>>> topic\n"]
    return b"".join([*lines[:first], *block, *lines[first + 3 :]])


def doubled(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    marks = (b",", b";", b":", b".", b")", b"(", b"]", b"[", b"}", b"{")
    found = [token for token in tokens if token.kind is Kind.PUNCTUATION and token.text in marks]
    if not found:
        return None
    token = chance.choice(found)
    return _replace(text, token, token.text * 2)


def swapped_letters(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.WORD and token.text in _KEYWORDS and len(token.text) > 2]
    if not found:
        return None
    token = chance.choice(found)
    at = chance.randrange(len(token.text) - 1)
    word = token.text
    return _replace(text, token, word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :])


def lost_letter(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    found = [token for token in tokens if token.kind is Kind.WORD and token.text in _KEYWORDS and len(token.text) > 3]
    if not found:
        return None
    token = chance.choice(found)
    at = chance.randrange(len(token.text))
    return _replace(text, token, token.text[:at] + token.text[at + 1 :])


def lost_token(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    """No class of ours: whatever is made of it is a mistake, unless by chance it is the right thing."""
    found = [token for token in tokens if token.kind is not Kind.COMMENT]
    return _replace(text, chance.choice(found), b"") if found else None


def changed_token(text: bytes, tokens: list[Token], chance: random.Random) -> bytes | None:
    """No class of ours either: one token gives way to another of the file."""
    found = [token for token in tokens if token.kind is not Kind.COMMENT]
    return _replace(text, chance.choice(found), chance.choice(found).text) if found else None


MISTAKES: tuple[Mistake, ...] = (
    spaced_operator,
    smart_quotes,
    invisible,
    full_width,
    equal_conflict,
    doubled,
    swapped_letters,
    lost_letter,
    lost_token,
    changed_token,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=40)
    parser.add_argument("--mistakes", type=int, default=1, help="how many of its class in each text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print the texts that were mended to something else")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    files = list(_readable(arguments.folder))
    engine = SyntaxEngine([ActiveRule.of(rule) for rule in load().values()])
    print(f"{len(files)} files, {arguments.mistakes} mistakes each")
    print(
        f"{'class':18} {'found':>7} {'SAFE exact':>11} {'SAFE other':>11} {'all exact':>10} {'all other':>10} {'ms':>7}"
    )
    for mistake in MISTAKES:
        rows = [
            _try(engine, original, broken, show=arguments.show)
            for original, broken in _broken(files, mistake, arguments.per_class, arguments.mistakes, chance)
        ]
        if rows:
            share = [100 * sum(row[column] for row in rows) / len(rows) for column in range(5)]
            milliseconds = statistics.median(row[5] for row in rows)
            columns = zip(share, (7, 11, 11, 10, 10), strict=True)
            cells = " ".join(f"{value:>{width}.1f}" for value, width in columns)
            print(f"{mistake.__name__:18} {cells} {milliseconds:7.1f}")


def _readable(folder: Path) -> Iterator[SourceFile]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and 500 < path.stat().st_size < 60_000]
    files = [
        SourceFile(str(path), path.read_bytes(), language) for path in paths if (language := language_of(path.name))
    ]
    for file, verdict in zip(files, judge(files), strict=True):
        if verdict.answer is Answer.PARSES and re.search(rb"\n.*\n", file.text):
            yield file


def _broken(
    files: list[SourceFile], mistake: Mistake, count: int, mistakes: int, chance: random.Random
) -> Iterator[tuple[SourceFile, SourceFile]]:
    for _ in range(count * 20):
        original = chance.choice(files)
        text: bytes | None = original.text
        for _ in range(mistakes):
            text = text and mistake(text, lex(text, original.language).tokens, chance)
        if not text:
            continue
        broken = SourceFile(original.path, text, original.language)
        if judge([broken])[0].answer is Answer.BROKEN:
            yield original, broken
            count -= 1
        if count == 0:
            return


def _try(
    engine: SyntaxEngine, original: SourceFile, broken: SourceFile, *, show: bool
) -> tuple[bool, bool, bool, bool, bool, float]:
    started = time.perf_counter()
    findings = list(engine.check(broken))
    milliseconds = 1000 * (time.perf_counter() - started)
    found = any(finding.rule_id == "syntax-error" for finding in findings)
    outcomes = []
    for least in (Applicability.SAFE, Applicability.UNSAFE):
        fixed = fix_until_stable(broken, lambda file, _: list(engine.check(file)), least=least).file.text
        outcomes += [fixed == original.text, fixed not in (original.text, broken.text)]
        if show and outcomes[-1]:
            _show(original, broken, fixed, least)
    exact_safe, other_safe, exact, other = outcomes
    return found, exact_safe, other_safe, exact, other, milliseconds


def _show(original: SourceFile, broken: SourceFile, fixed: bytes, least: Applicability) -> None:
    print(f"--- {original.path} ({least})")
    versions = [text.decode("utf-8", "replace").split("\n") for text in (original.text, broken.text, fixed)]
    for lines in zip(*versions):  # noqa: B905 - the first difference is enough
        if len(set(lines)) > 1:
            print("    was:   {}\n    broken: {}\n    fixed: {}".format(*(line.strip()[:150] for line in lines)))
            break


if __name__ == "__main__":
    main()
