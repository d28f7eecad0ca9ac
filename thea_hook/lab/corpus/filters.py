"""Which files are source that a person wrote: by their path, by their text, and by the second parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from thea_hook.core.source import SourceFile
from thea_hook.languages import oracle

SMALLEST_BYTES = 200
LARGEST_BYTES = 120_000
LONGEST_LINE = 1_000
MEAN_LINE = 110
FILES_PER_QUESTION = 500

# Written by tools, copied from elsewhere, or broken and odd on purpose.
NOT_SOURCE = tuple(
    """
    *.min.*  *-min.js  *.bundle.js  *.umd.js  *.iife.js  *.pnp.*  *.generated.*  *.gen.*  *_generated.*  *.snap.*
    dist/  build/  built/  out/  lib-cov/  coverage/  umd/  .yarn/  .github/  .cache/  esm/  cjs/
    vendor/  vendors/  vendored/  third_party/  third-party/  thirdparty/  external/  node_modules/  bower_components/
    fixture/  fixtures/  __fixtures__/  __testfixtures__/  testdata/  test-data/  test262*/  samples/  snapshots/
    __snapshots__/  _expected/  generated/  __generated__/  _generated/  .generated/
    locale/  locales/  translations/  lang/  i18n-data/  cldr/  ee/  enterprise/
    """.split()
)
"""Patterns in the meaning of a .gitignore file; a source that keeps its code in such a folder negates one."""

_GENERATED = re.compile(
    rb"@generated\b|\b(?:auto-?|automatically\s+)generated\b|\bgenerated\s+(?:by|from|with|using)\b"
    rb"|\bDO\s+NOT\s+(?:EDIT|MODIFY)\b|\bcode\s+generated\b",
    re.IGNORECASE,
)
_HEADER_BYTES = 600


def is_sized_like_source(size: int) -> bool:
    """Whether a file is neither a stub nor a bundle."""
    return SMALLEST_BYTES <= size <= LARGEST_BYTES


def rejects_text(text: bytes) -> str | None:
    """Why a file that was read is not source text to learn from, or None."""
    if b"\0" in text or not _is_utf8(text):
        return "encoding"
    if _GENERATED.search(text, 0, _HEADER_BYTES):
        return "generated"
    lines = text.splitlines()
    if max(map(len, lines), default=0) > LONGEST_LINE or len(text) > MEAN_LINE * len(lines):
        return "long lines"
    return None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def parsing(files: Iterable[SourceFile]) -> Iterator[bool]:
    """For each file whether the second parser reads it without an error; asked in batches, answered in order."""
    rest = iter(files)
    while batch := list(islice(rest, FILES_PER_QUESTION)):
        yield from _verdicts(batch)


def _verdicts(batch: Sequence[SourceFile]) -> Iterator[bool]:
    for verdict in oracle.judge(batch):
        yield verdict.answer is oracle.Answer.PARSES and verdict.is_certain
