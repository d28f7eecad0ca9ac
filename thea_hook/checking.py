"""All engines over one file, and what of their findings the user asked to see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from thea_hook.core.finding import Applicability, Edit, Finding, Fix, Severity
from thea_hook.core.source import SourceFile, Span

if TYPE_CHECKING:
    from thea_hook.core.engine import Engine
    from thea_hook.core.routing import Routing
    from thea_hook.settings import Settings
    from thea_hook.syntax.mender import Mender


class Checked(NamedTuple):
    """The findings of one text, in order, how many a comment in it silences, and which models were asked.

    The routing is not kept in the cache: it has times in it, and says what happened in a run.
    """

    findings: tuple[Finding, ...]
    suppressed: int = 0
    routing: tuple[Routing, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether another run would find the same, so that it may be kept in the cache."""
        return all(routing.is_final for routing in self.routing)


class Checker:
    """The engines that one set of settings asks for. Building one costs about as much as checking a few files."""

    def __init__(self, settings: Settings) -> None:
        from thea_hook.languages.environments import globals_for
        from thea_hook.ruleset.engine import RuleEngine
        from thea_hook.ruleset.loader import load
        from thea_hook.ruleset.selection import active_rules
        from thea_hook.syntax.engine import SyntaxEngine

        catalogue = load()
        rules = active_rules(
            catalogue,
            select=(*settings.select, *settings.extend_select),
            ignore=(*settings.ignore, *settings.extend_ignore),
            exempt=settings.exempt,
            severities=settings.severities,
            options=settings.rule_options,
            fixable=settings.fixable,
            unfixable=settings.unfixable,
        )
        known_globals = globals_for(("builtin", *settings.env))
        for name, access in settings.globals.items():
            known_globals.pop(name, None)
            if access != "off":
                known_globals[name] = access == "writable"
        self._settings = settings
        self._routing: list[Routing] = []
        """What the mender noted during the check in progress."""
        self._active = {rule.rule.id: rule for rule in rules}
        self._known: Collection[str] = catalogue.keys()
        # Order is the order of the flow: what does not parse first, then rules.
        self._engines: tuple[Engine, ...] = (
            SyntaxEngine(rules, self._mender()),
            RuleEngine(
                rules,
                globals=known_globals,
                # where nobody said what the code runs on, a name that exists anywhere is not called undefined
                assumed_globals=() if settings.env else globals_for(settings.assumed_env),
                version=catalogue.version,
            ),
        )

    def _mender(self) -> Mender | None:
        """The models for what does not parse. Most runs have no such rule, or no use for them."""
        if self._settings.models == ("none",):
            return None
        from thea_hook.ml.load import mender_for

        return mender_for(self._settings, self._routing.append)

    def check(self, file: SourceFile) -> Checked:
        """What every engine finds, less what comments silence and what is below the confidence asked for."""
        from thea_hook.ruleset.rule import UNUSED_SUPPRESSION
        from thea_hook.ruleset.suppress import apply_suppressions

        settings = self._settings
        self._routing.clear()
        found = [finding for engine in self._engines for finding in engine.check(file)]
        kept, suppressed = apply_suppressions(
            file,
            found,
            active=self._active,
            known=self._known,
            unused=self._active.get(UNUSED_SUPPRESSION),
            eslint_directives=settings.eslint_directives,
        )
        visible = {self._graded(finding) for finding in kept if finding.confidence >= settings.confidence}
        in_order = tuple(sorted(visible, key=lambda finding: finding.sort_key))
        return Checked(in_order, suppressed, tuple(self._routing))

    def _graded(self, finding: Finding) -> Finding:
        """With a fix that is less sure than was asked for as one to look at."""
        fix = finding.fix
        if fix is None or fix.confidence >= self._settings.confidence:
            return finding
        return finding._replace(fix=fix._replace(applicability=Applicability.DISPLAY))


_CHECKERS: dict[bytes, Checker] = {}


def checker_for(settings: Settings) -> Checker:
    """The checker of these settings, built once a process."""
    checker = _CHECKERS.get(settings.digest)
    if checker is None:
        checker = _CHECKERS[settings.digest] = Checker(settings)
    return checker


# ------------------------------------------------------------------ what the user asked to see


def visible(
    file: SourceFile,
    findings: Iterable[Finding],
    *,
    region: Sequence[Span] | None = None,
    baseline: Collection[str] = (),
) -> tuple[list[Finding], int]:
    """The findings that begin inside the region and are not in the baseline; and how many the baseline hid."""
    inside = [
        finding
        for finding in findings
        if region is None or any(span.start <= finding.span.start <= span.end for span in region)
    ]
    if not baseline:
        return inside, 0
    from thea_hook.core.fingerprint import fingerprints

    names = fingerprints(file, inside)
    left = [finding for finding, name in zip(inside, names, strict=True) if name not in baseline]
    return left, len(inside) - len(left)


def lines_to_region(file: SourceFile, lines: Sequence[tuple[int, int]]) -> list[Span]:
    """Byte spans of line ranges (from 1, inclusive) as git counts them: a line ends at LF and nowhere else."""
    from thea_hook.core.diff import line_breaks

    starts = [0, *(offset + 1 for offset in line_breaks(file.text)), len(file.text) + 1]
    last = len(starts) - 1
    return [Span(starts[first - 1], starts[min(end, last)] - 1) for first, end in lines if first <= last]


# ------------------------------------------------------------------ the form kept in the cache


def encode(checked: Checked) -> bytes:
    """The result as JSON, for the cache."""
    if not checked.findings and not checked.suppressed:
        return b""  # most files of a project are clean, and a run over such files need not load the JSON module
    import json

    rows = [
        [
            finding.rule_id,
            finding.category,
            finding.span,
            finding.message,
            str(finding.severity),
            finding.confidence,
            finding.source,
            _encode_fix(finding.fix),
            finding.related,
        ]
        for finding in checked.findings
    ]
    return json.dumps([checked.suppressed, rows], separators=(",", ":")).encode("ascii")


def _encode_fix(fix: Fix | None) -> object:
    if fix is None:
        return None
    edits = [[*edit.span, edit.text.decode("latin-1")] for edit in fix.edits]
    return [fix.title, int(fix.applicability), edits, fix.confidence]


def decode(payload: bytes) -> Checked | None:
    """The result from the cache, or None where the entry is damaged: it then counts as missing."""
    if not payload:
        return Checked(())
    import json

    try:
        suppressed, rows = json.loads(payload)
        return Checked(tuple(_decode_finding(*row) for row in rows), int(suppressed))
    except (ValueError, TypeError, AttributeError):
        return None


def _decode_finding(
    rule_id: str,
    category: str,
    span: Sequence[int],
    message: str,
    severity: str,
    confidence: float,
    source: str,
    fix: Any,
    related: Sequence[Sequence[int]],
) -> Finding:
    decoded = None
    if fix is not None:
        title, grade, rows, likelihood = fix
        edits = tuple(Edit(Span(start, end), text.encode("latin-1")) for start, end, text in rows)
        decoded = Fix(title, edits, Applicability(grade), likelihood)
    places = tuple(Span(*place) for place in related)
    level = Severity(severity)
    return Finding(rule_id, category, Span(*span), message, level, confidence, source, decoded, places)
