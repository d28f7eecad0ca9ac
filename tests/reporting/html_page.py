"""A page as its elements, read by the parser of the standard library, and a report that tries to break one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import cycle, islice

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.patch import Patch
from thea_hook.core.report import FileError, FileResult, Report
from thea_hook.core.source import SourceFile, Span
from thea_hook.reporting.text import DECEPTIVE, escaped

VOID = {"meta", "link", "input", "br", "hr", "img"}


@dataclass
class Element:
    """A tag with its attributes; ``children`` are elements and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, name: str) -> list[Element]:
        """The elements of a tag, or of a ``.class``."""
        return [e for e in self.walk() if e.tag == name or (name[0] == "." and name[1:] in e.classes)]

    def one(self, name: str) -> Element:
        (element,) = self.all(name)
        return element


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def parse(page: str) -> Element:
    """The page as a tree. Fails where a tag is not closed, closed twice, or closed in another's place."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert len(parser.open) == 1, f"never closed: {[element.tag for element in parser.open[1:]]}"
    return parser.open[0]


# ------------------------------------------------------------------ a hostile report

PAYLOADS = (
    "<script>window.broken='tag'</script>",
    "</script><script>window.broken='script'</script>",
    "</style><script>window.broken='style'</script>",
    "</title></head><script>window.broken='title'</script>",
    "</pre></code></mark></article></details></main><script>window.broken='nesting'</script>",
    "<!--<script>window.broken='comment'</script>-->",
    "]]><![CDATA[<script>window.broken='cdata'</script>",
    '"><img src=x onerror="window.broken=\'double\'">',
    "'><svg onload=window.broken='single'>",
    "` onfocus=window.broken='tick' autofocus tabindex=0 x=`",
    "javascript:window.broken='address'",
    "<a href=javascript:window.broken='link'>click</a>",
    "<base href=https://example.org/><link rel=stylesheet href=//example.org/x.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<iframe srcdoc='<script>parent.broken=1</script>'></iframe>",
    "<form action=https://example.org/><input name=q autofocus></form>",
    "&lt;script&gt; &#x3c;script&#x3e; &amp;amp; &nbsp",
    "$script ${style} $$ %s {0} {{constructor.constructor('window.broken=1')()}}",
    "\x00\x01\x08\x0b\x0c\x1b[31m\x7f\x85\x9f",
    "\u202eevil\u202c \u2066isolated\u2069 \u200b\u2060\ufeff\xad \u2028\u2029",
    "שלום עולם and العربية",
    "🎉 👩\u200d👩\u200d👧 e\u0301 日本語 \U0010fffe \ufffe",
    "lone \ud83c and \udcff",
    "##[group]not a log ##vso[task.complete]",
    "line\nbreak\r\nand\ttab",
    " ",
)

PER_FILE = 50


def visible(text: str) -> str:
    """The text as a page shows it."""
    return DECEPTIVE.sub(escaped, text)


@cache
def hostile_report() -> Report:
    """More than a thousand findings whose every text tries to become something else."""
    results = [_hostile_result(number, payload) for number, payload in enumerate(PAYLOADS)]
    failed = [FileResult(p, error=FileError(p, p, p)) for p in PAYLOADS]
    changed = {results[0].path: ((1, 3),), results[1].path: ()}
    report = Report((*results, *failed), skipped=dict.fromkeys(PAYLOADS, 2), changed_lines=changed)
    assert report.findings > 1_000
    return report


def _hostile_result(number: int, payload: str) -> FileResult:
    lines = [f"{other}\t{payload}" for other in PAYLOADS] + [payload * 40]
    text = "\n".join(lines).encode("utf-8", "replace")
    path = f"{payload}/{number}/{payload}.js"
    findings = tuple(islice(_hostile_findings(text, payload), PER_FILE))
    patch = Patch(path, text[:2_000], payload.encode("utf-8", "replace"))
    return FileResult(
        path,
        SourceFile(path, text, "javascript"),
        findings,
        fixed=findings[:3],
        patch=patch,
        refused=((findings[0], payload),),
        suppressed=1,
        baselined=2,
    )


def _hostile_findings(text: bytes, payload: str) -> Iterator[Finding]:
    inserted = payload.encode("utf-8", "replace")
    grades, severities = cycle(Applicability), cycle(Severity)
    for index, message in enumerate(cycle(PAYLOADS)):
        start = len(text) * index // PER_FILE
        span = Span(start, min(len(text), start + index * 3 % 160))
        fix = Fix(message, (Edit(span, inserted),), next(grades), 0.5) if index % 4 else None
        yield Finding(payload, message, span, message, next(severities), 0.25, payload, fix, related=(span,))
