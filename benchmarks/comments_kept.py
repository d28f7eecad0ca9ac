#!/usr/bin/env python3
"""Whether safe fixes keep every comment, in real files with comments put wherever one can stand.

    comments_kept.py FOLDER [--comments 60] [--seed 1] [--seconds 120]

In each file of FOLDER, up to ``--comments`` single spaces between tokens become a numbered comment. Then the safe fixes
of all rules are applied until nothing changes. Prints each comment that is lost or doubled, with the code around it,
and exits with 1 if there was one.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from thea_hook.checking import Checker
from thea_hook.core.finding import Applicability
from thea_hook.core.source import SourceFile, language_of
from thea_hook.errors import ParseTimeout
from thea_hook.fixer import fix_until_stable
from thea_hook.languages.grammars import Module
from thea_hook.settings import Settings

BETWEEN_TOKENS = re.compile(rb"(?<=[\w)\]}>,;({\[=]) (?=[\w({\[.=!-])")
MOST_BYTES = 60_000
AROUND = 80


def sprinkle(rng: random.Random, text: bytes, most: int) -> bytes:
    """The text with numbered comments at some of the places where a single space stands."""
    places = [match.start() for match in BETWEEN_TOKENS.finditer(text)]
    pieces, position = [], 0
    for number, place in enumerate(sorted(rng.sample(places, min(len(places), most)))):
        pieces += [text[position:place], b" /*%d*/" % number]
        position = place
    return b"".join((*pieces, text[position:]))


def comments(file: SourceFile) -> Counter[bytes]:
    return Counter(comment.text or b"" for comment in Module(file).comments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--comments", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120.0)
    args = parser.parse_args()
    checker = Checker(Settings(root=".", select=("all",), ignore=("unused-suppression",)))
    rng = random.Random(args.seed)
    paths = sorted(path for path in args.folder.rglob("*") if language_of(path.name) and path.is_file())
    rng.shuffle(paths)
    files = fixes = failures = 0
    end = time.monotonic() + args.seconds
    for path in paths:
        language = language_of(path.name)
        text = path.read_bytes()
        if time.monotonic() > end or language is None or len(text) > MOST_BYTES:
            continue
        before = SourceFile(str(path), sprinkle(rng, text, args.comments), language)
        try:
            if Module(before).root.has_error:
                continue
        except ParseTimeout:
            continue
        fixed = fix_until_stable(before, lambda file, _: checker.check(file).findings, least=Applicability.SAFE)
        files, fixes = files + 1, fixes + len(fixed.applied)
        old, new = comments(before), comments(fixed.file)
        for comment in (*(old - new), *(new - old)):
            failures += 1
            place = before.text.find(comment)
            around = before.text[max(0, place - AROUND) : place + AROUND].decode("utf-8", "replace")
            print(f"{path}: {comment.decode()} is {'lost' if old[comment] > new[comment] else 'doubled'}\n{around}\n")
    print(f"{files} files, {fixes} safe fixes, {failures} comments lost or doubled")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
