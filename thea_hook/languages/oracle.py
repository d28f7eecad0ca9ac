"""The second parser: it decides whether a text that tree-sitter cannot read is broken.

Tree-sitter's grammars lag the language, so its word alone is worth little. ``judge`` asks, in this order: the native
``oxlint`` binary of the package of that name, with every rule off; TypeScript through Node, where the project has
both; tree-sitter again, with a table of what its grammars are known not to read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from thea_hook.core.source import BOM, SourceFile, Span
from thea_hook.version import SECOND_PARSER

if TYPE_CHECKING:
    from tree_sitter import Node

TIMEOUT_SECONDS = 10.0
# Windows allows 32,767 characters on a command line.
FILES_PER_CALL = 2_000
MAX_PROBLEMS = 100


class Answer(str, Enum):
    """What a parser says about a text; UNKNOWN where none could be asked or the text is in another language."""

    PARSES = "parses"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class SyntaxProblem(NamedTuple):
    """One error of a parser, in its words."""

    span: Span
    message: str
    related: tuple[Span, ...] = ()


class Verdict(NamedTuple):
    """The answer for one text, its errors in the order of the text, and the name of the parser that gave it."""

    answer: Answer
    problems: tuple[SyntaxProblem, ...] = ()
    parser: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether a full parser answered, and not tree-sitter a second time."""
        return self.parser in ("oxlint", "typescript")

    @property
    def reach(self) -> int:
        """How far the parser came: the offset of its last error, which is the one that stopped it."""
        return max((problem.span.start for problem in self.problems), default=0)


UNKNOWN = Verdict(Answer.UNKNOWN)

Judge = Callable[[Sequence[SourceFile]], list[Verdict]]
"""A verdict for each text, as ``judge`` gives it."""


def judge(files: Sequence[SourceFile]) -> list[Verdict]:
    """A verdict for each text. Never fails: what cannot be asked, or does not answer in time, is passed over."""
    verdicts = [UNKNOWN] * len(files)
    for ask in (_ask_oxlint, _ask_typescript, _ask_tree_sitter):
        open_questions = [index for index, verdict in enumerate(verdicts) if not verdict.parser]
        if not open_questions:
            break
        for index, verdict in zip(open_questions, ask([files[index] for index in open_questions]), strict=True):
            verdicts[index] = verdict
    return [_without_flow(file, verdict) for file, verdict in zip(files, verdicts, strict=True)]


def available() -> bool:
    """Whether the ``oxlint`` package is installed and its binary answers."""
    text = SourceFile("probe.js", b"a = = b", "javascript")
    return _ask_oxlint([text])[0].answer is Answer.BROKEN


def version() -> str | None:
    """The version of the installed ``oxlint`` package, or None."""
    from importlib import metadata

    try:
        return metadata.version("oxlint")
    except metadata.PackageNotFoundError:
        return None


# A comment in the first lines that says that a .js file is written in Flow, which no JavaScript parser reads.
_FLOW_PRAGMA = re.compile(
    rb"\A(?:\s|#![^\n]*\n|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*?(?://[^\n]*|/\*(?:[^*]|\*(?!/))*)@flow\b"
)


def _without_flow(file: SourceFile, verdict: Verdict) -> Verdict:
    is_flow = (
        verdict.answer is Answer.BROKEN
        and file.language == "javascript"
        and b"@flow" in file.text[:4096]
        and _FLOW_PRAGMA.match(file.text[:4096]) is not None
    )
    return verdict._replace(answer=Answer.UNKNOWN, problems=()) if is_flow else verdict


# ------------------------------------------------------------------ oxlint

_NO_RULES = '{"plugins":[],"categories":{"correctness":"off"},"rules":{}}'
_ENDING = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$", re.IGNORECASE)

# oxlint goes on to semantic errors (a name declared twice, `with` in a module) only where its parser found nothing.
# A regular expression that the parser reports and steps over keeps it from that, and proves that the text was read.
_SENTINEL = b"/(/;\n"
_INTERPRETER_LINE = re.compile(rb"#![^\r\n]*(?:\r\n?|\n)")


@cache
def _binary() -> str | None:
    """The binary that the package installed. PATH is not searched: a project's own oxlint is not ours to run."""
    from importlib import metadata

    try:
        files = metadata.distribution("oxlint").files or ()
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == SECOND_PARSER:
            path = str(file.locate())
            if os.access(path, os.X_OK):
                return os.path.abspath(path)
    return None


def _ask_oxlint(files: Sequence[SourceFile]) -> list[Verdict]:
    binary = _binary()
    if binary is None:
        return [UNKNOWN] * len(files)
    verdicts: list[Verdict] = []
    for first in range(0, len(files), FILES_PER_CALL):
        verdicts += _run_oxlint(binary, files[first : first + FILES_PER_CALL])
    return verdicts


def _run_oxlint(binary: str, files: Sequence[SourceFile]) -> list[Verdict]:
    import subprocess
    from tempfile import TemporaryDirectory

    names = [f"{index}{_ending(file)}" for index, file in enumerate(files)]
    texts = [_with_sentinel(file.text) for file in files]
    # Names and folder are our own, so neither ignore files nor a project's configuration have a say.
    flags = ["--config", "config.json", "--disable-nested-config", "--no-ignore", "--allow", "all"]
    try:
        with TemporaryDirectory(prefix="thea-hook-") as folder:
            Path(folder, "config.json").write_text(_NO_RULES, "utf-8")
            for name, (text, _) in zip(names, texts, strict=True):
                Path(folder, name).write_bytes(text)
            done = subprocess.run(
                [binary, *flags, "--threads", "1", "--format", "json", *names],
                cwd=folder,
                env={key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if key in os.environ},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        diagnostics = json.loads(done.stdout)["diagnostics"]
        return _verdicts_of_oxlint(diagnostics, names, files, [place for _, place in texts])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return [UNKNOWN] * len(files)


def _ending(file: SourceFile) -> str:
    match = _ENDING.search(file.path)
    default = {"javascript": ".js", "typescript": ".ts", "tsx": ".tsx"}
    return match[0].lower() if match else default[file.language]


def _with_sentinel(text: bytes) -> tuple[bytes, int]:
    """The text with the sentinel at its start, and where that is: behind an interpreter line, if there is one.

    The byte order mark goes: JavaScript engines drop it when they decode a file, so a line `#!` may come after it.
    """
    body = text.removeprefix(BOM)
    interpreter = _INTERPRETER_LINE.match(body)
    place = interpreter.end() if interpreter else 0
    return body[:place] + _SENTINEL + body[place:], place


def _verdicts_of_oxlint(
    diagnostics: Sequence[dict[str, Any]], names: Sequence[str], files: Sequence[SourceFile], places: Sequence[int]
) -> list[Verdict]:
    rows = {name: index for index, name in enumerate(names)}
    was_read = [False] * len(files)
    problems: list[list[SyntaxProblem]] = [[] for _ in files]
    for diagnostic in diagnostics:
        index = rows[os.path.basename(diagnostic["filename"])]
        spans = [(label["span"]["offset"], label["span"]["length"]) for label in diagnostic["labels"]]
        place, after = places[index], places[index] + len(_SENTINEL)
        if spans and place <= spans[0][0] < after:
            was_read[index] = True
            continue
        moved = [_moved_back(offset, length, after, files[index].text) for offset, length in spans] or [Span(0, 0)]
        problems[index].append(SyntaxProblem(moved[0], diagnostic["message"], tuple(moved[1:])))
    return [
        Verdict(
            Answer.BROKEN if found else Answer.PARSES,
            tuple(sorted(found, key=lambda problem: problem.span)),
            "oxlint",
        )
        if read
        else UNKNOWN
        for read, found in zip(was_read, problems, strict=True)
    ]


def _moved_back(offset: int, length: int, after_sentinel: int, text: bytes) -> Span:
    if offset >= after_sentinel:
        offset -= len(_SENTINEL)
    if text.startswith(BOM):
        offset += len(BOM)
    return Span(min(offset, len(text)), min(offset + length, len(text)))


# ------------------------------------------------------------------ TypeScript through Node

_TYPESCRIPT_PROGRAM = """
const ts = require(process.argv[1]);
const files = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(files.map(([name, text]) =>
  ts.createSourceFile(name, text, ts.ScriptTarget.Latest).parseDiagnostics.map((d) =>
    [d.start, d.length, ts.flattenDiagnosticMessageText(d.messageText, ' ')]))));
"""


@cache
def _typescript() -> tuple[str, str] | None:
    """Node and the TypeScript of the project in the current folder, or None where one of them is missing."""
    from shutil import which

    node = which("node")
    if node is None:
        return None
    for folder in (Path.cwd(), *Path.cwd().parents):
        package = folder / "node_modules" / "typescript"
        if (package / "package.json").is_file():
            return node, str(package)
    return None


def _ask_typescript(files: Sequence[SourceFile]) -> list[Verdict]:
    import subprocess

    found = _typescript()
    if found is None:
        return [UNKNOWN] * len(files)
    node, package = found
    texts = [file.text.decode("utf-8", "replace") for file in files]
    question = json.dumps([[f"{i}{_ending(file)}", texts[i]] for i, file in enumerate(files)])
    try:
        done = subprocess.run(
            [node, "-e", _TYPESCRIPT_PROGRAM, package],
            input=question.encode("ascii"),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
        return [
            _verdict_of_typescript(text, errors) for text, errors in zip(texts, json.loads(done.stdout), strict=True)
        ]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return [UNKNOWN] * len(files)


def _verdict_of_typescript(text: str, errors: Sequence[tuple[int, int, str]]) -> Verdict:
    units = text.encode("utf-16-le", "surrogatepass")

    def to_bytes(unit: int) -> int:
        return len(units[: 2 * unit].decode("utf-16-le", "replace").encode("utf-8"))

    problems = [
        SyntaxProblem(Span(to_bytes(start), to_bytes(start + length)), message) for start, length, message in errors
    ]
    return Verdict(Answer.BROKEN if problems else Answer.PARSES, tuple(problems), "typescript")


# ------------------------------------------------------------------ tree-sitter and its known gaps

# Constructs that the published grammars reject although the language has them.
_GAPS = re.compile(
    rb"""
      [<,]\s*(?:in|out|in\s+out)\s+[A-Z_$]          # variance of a type parameter
    | \bexport\s+type\s*\*
    | \bexport\b[^;]*\bfrom\s*["'][^"'\n]*["']\s*with\s*\{
    | \bimport\s*\([^()]*\)\s*\.                     # import("x").Y<T> as a type
    | \bfor\s*(?:await\s*)?\(\s*(?:await\s+)?using\b
    | \baccessor\b
    | \babstract\s*[=;!:?]
    | \bstatic\s*(?:readonly\s*)?\[[^\]]*:
    | @\(
    | \busing\b
    | \bimport\s+(?:defer|source)\b
    | \|>
    | \bdo\s*\{
    """,
    re.VERBOSE,
)
_GAP_CONTEXT = 200


def _ask_tree_sitter(files: Sequence[SourceFile]) -> list[Verdict]:
    return [tree_sitter_verdict(file) for file in files]


def tree_sitter_verdict(file: SourceFile) -> Verdict:
    """What tree-sitter says: BROKEN only where some error is not beside a construct that its grammars do not know."""
    problems = tree_sitter_problems(file)
    if not problems:
        return Verdict(Answer.PARSES, (), "tree-sitter")
    if all(_is_near_gap(file.text, problem.span) for problem in problems):
        return Verdict(Answer.UNKNOWN, (), "tree-sitter")
    return Verdict(Answer.BROKEN, problems, "tree-sitter")


def _is_near_gap(text: bytes, error: Span) -> bool:
    return _GAPS.search(text, max(0, error.start - _GAP_CONTEXT), error.end + _GAP_CONTEXT) is not None


def tree_sitter_problems(file: SourceFile) -> tuple[SyntaxProblem, ...]:
    """The first places that tree-sitter's grammar cannot read, in the order of the text."""
    from thea_hook.languages.grammars import parse

    problems: set[SyntaxProblem] = set()
    cursor = parse(file.text, file.language).walk()
    # A query for errors is quadratic in the depth of the tree; this walk leaves out every part without an error.
    while len(problems) < MAX_PROBLEMS:
        node = cursor.node
        if node is not None and node.has_error:
            if node.is_error or node.is_missing:
                problems.add(_problem_of_node(node))
            elif cursor.goto_first_child():
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tuple(sorted(problems, key=lambda problem: problem.span))
    return tuple(sorted(problems, key=lambda problem: problem.span))


def _problem_of_node(node: Node) -> SyntaxProblem:
    span = Span(node.start_byte, node.end_byte)
    return SyntaxProblem(span, f"Expected `{node.type}`" if node.is_missing else "Unexpected text")
