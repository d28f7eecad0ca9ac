#!/usr/bin/env python3
"""Throws damaged code at every rule and every fix, and counts what goes wrong.

    fuzz.py FOLDER [--inputs 20000] [--seed 1] [--workers 2] [--seconds 2]

Inputs are real files of FOLDER with seeded mutations (bytes and lines dropped, doubled, swapped, spliced from another
file, odd characters put in, line ends changed, the end cut off), and programs put together from random fragments
(``tests/test_hostile_code.py`` does the same with hypothesis, which shrinks what it finds). For each, all rules run and
all fixes, the unsafe ones too, are applied. A failure is: an exception, more than ``--seconds`` for one input, a fix
that leaves more syntax errors than it found, a text that the second parser accepted before
the fixes and not after, or a second fix that changes something. Exits with 1 if there was a failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from thea_hook.core.finding import Applicability
from thea_hook.core.source import LANGUAGES, SourceFile

ODD = [
    b"\0",
    b"\r",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    "\U0001f600".encode(),
    b"\x0c",
    b"`",
    b"${",
    b"*/",
    b"/*",
]
FRAGMENTS = (
    "var let const x y = == === = = + - * ** / % ! !! ( ) [ ] { } ; , . ?. ?? ? : => ... ' \" ` ${ } /a b/g // \n \n\n "
    "if else for while do switch case default break continue return throw try catch finally function async await "
    "class extends super this new typeof void delete in of instanceof null undefined true false NaN 0 1 0x1 010 1n "
    "import export from as type interface enum namespace declare <T> : string any <div> </div> <Foo/> @dec #p static "
    "get set yield debugger with label: Math.pow Object.assign arguments eval -0 'use strict' \\u0061 /* c */ "
).split(" ")
BATCH = 50


def mutate(rng: random.Random, files: Sequence[bytes]) -> bytes:
    """A real file, or a part of one, with one to five things wrong with it."""
    text = rng.choice(files)
    lines = text.split(b"\n")
    first = rng.randrange(len(lines))
    text = b"\n".join(lines[first : first + rng.randint(1, 120)])
    for _ in range(rng.randint(1, 5)):
        place = rng.randrange(len(text) + 1)
        length = rng.choice((1, 1, 2, 5, 40))
        kind = rng.randrange(9)
        if kind == 0:
            text = text[:place] + text[place + length :]
        elif kind == 1:
            text = text[:place] + text[place : place + length] * 2 + text[place + length :]
        elif kind == 2:
            text = text[:place] + rng.choice(ODD) + text[place:]
        elif kind == 3:
            text = text[:place] + rng.choice(FRAGMENTS).encode() + text[place:]
        elif kind == 4:
            other = rng.choice(files)
            start = rng.randrange(len(other) + 1)
            text = text[:place] + other[start : start + 200] + text[place:]
        elif kind == 5:
            text = text.replace(b"\n", rng.choice((b"\r\n", b"\r", b"")), rng.randint(1, 50))
        elif kind == 6:
            text = text[:place]
        elif kind == 7:
            text = (
                text[:place]
                + rng.choice((b"(", b"[", b"{", b"!", b"a+", b"x?y:")) * rng.choice((3, 50, 1500))
                + text[place:]
            )
        else:
            rows = text.split(b"\n")
            i, j = rng.randrange(len(rows)), rng.randrange(len(rows))
            rows[i], rows[j] = rows[j], rows[i]
            text = b"\n".join(rows)
    return text


def compose(rng: random.Random) -> bytes:
    """A program of random fragments: most do not parse, and those that do are odd."""
    return " ".join(rng.choices(FRAGMENTS, k=rng.randint(1, 60))).encode()


def inputs(seed: int, count: int, files: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    rng = random.Random(seed)
    endings = list(LANGUAGES)
    for number in range(count):
        text = compose(rng) if number % 4 == 0 else mutate(rng, files)
        yield f"{seed}-{number}{rng.choice(endings)}", text


def examine(batch: Sequence[tuple[str, bytes]], seconds: float) -> tuple[list[tuple[str, str]], float, int]:
    """The failures of a batch with their kind, the longest time of one input, and how many were fixed."""
    from thea_hook.checking import Checker
    from thea_hook.files import Skip, as_source
    from thea_hook.fixer import fix_until_stable, syntax_errors
    from thea_hook.languages.oracle import Answer, judge
    from thea_hook.settings import Settings

    checker = Checker(Settings(root=".", select=("all",)))
    failures: list[tuple[str, str]] = []
    changed: list[tuple[SourceFile, SourceFile]] = []
    slowest = 0.0
    for name, text in batch:
        file = as_source(name, text, explicit=True)
        if isinstance(file, Skip):
            continue
        start = time.process_time()
        try:
            fixed = fix_until_stable(file, lambda f, _: checker.check(f).findings, least=Applicability.UNSAFE)
            spent = time.process_time() - start
            slowest = max(slowest, spent)
            if spent > seconds:
                failures.append((name, f"took {spent:.1f} s"))
            if fixed.file.text == file.text:
                continue
            again = fix_until_stable(fixed.file, lambda f, _: checker.check(f).findings, least=Applicability.UNSAFE)
            if again.file.text != fixed.file.text:
                rules = sorted({finding.rule_id for finding in again.applied})
                failures.append((name, f"a second fix changes more: {', '.join(rules)}"))
            if syntax_errors(fixed.file) > syntax_errors(file):
                failures.append((name, "the fixes broke the file"))
            changed.append((file, fixed.file))
        except Exception as exc:
            failures.append((name, f"{type(exc).__name__}: {exc}"))
    verdicts = judge([file for pair in changed for file in pair])
    for index, (before, _after) in enumerate(changed):
        old, new = verdicts[2 * index : 2 * index + 2]
        if old.answer is Answer.PARSES and new.answer is Answer.BROKEN:
            failures.append((before.path, f"the second parser rejects the fixed text: {new.problems[0].message}"))
    return failures, slowest, len(changed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--keep", type=Path, help="write the failing inputs into this folder")
    args = parser.parse_args()
    paths = sorted(path for path in args.folder.rglob("*") if path.suffix in LANGUAGES and path.is_file())
    files = [text for path in paths if 0 < len(text := path.read_bytes()) < 200_000]
    if not files:
        sys.exit(f"no source files in {args.folder}")
    every = list(inputs(args.seed, args.inputs, files))
    batches = [every[start : start + BATCH] for start in range(0, len(every), BATCH)]
    failures: list[tuple[str, str]] = []
    slowest, fixed = 0.0, 0
    with ProcessPoolExecutor(args.workers) as pool:
        for found, longest, count in pool.map(examine, batches, [args.seconds] * len(batches)):
            failures += found
            slowest, fixed = max(slowest, longest), fixed + count
    texts = dict(every)
    for name, what in failures:
        print(f"{name}: {what}")
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / name).write_bytes(texts[name])
    print(
        f"{len(every)} inputs from {len(files)} files, {fixed} fixed, slowest {slowest:.2f} s, {len(failures)} failures"
    )
    for kind, count in Counter(what.split(":")[0] for _, what in failures).most_common():
        print(f"{count:6} {kind}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
