"""What mends broken text: the product, and the shape that everything it is compared with has."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from thea_hook.checking import Checker
from thea_hook.config import Configuration
from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.source import SourceFile, Span
from thea_hook.errors import ModelError, UsageError
from thea_hook.fixer import fix_until_stable
from thea_hook.languages.oracle import judge
from thea_hook.ml.load import mender_for
from thea_hook.ruleset.rule import SYNTAX_ERROR
from thea_hook.ruleset.selection import known_selectors
from thea_hook.settings import Settings


class Outcome(NamedTuple):
    """What a system made of one text.

    ``found`` says whether it calls the text broken (None where that was not asked); ``best`` is the text with its first
    suggestion for every error, ``sure`` the text with only what it applies unasked. ``confidence`` is that of the least
    certain repair in ``best``, None where there is none; ``sources`` say who proposed them. ``accepted`` are the
    candidates that parse, the best first, for systems that list them.
    """

    found: bool | None
    best: bytes
    sure: bytes
    seconds: float
    confidence: float | None = None
    sources: tuple[str, ...] = ()
    accepted: tuple[bytes, ...] = ()


class System(Protocol):
    """Something that mends texts."""

    @property
    def name(self) -> str: ...

    @property
    def rewrites(self) -> bool:
        """Whether it lays out even a right text anew; its texts are compared with what it makes of the reference."""
        ...

    def repair(self, files: Sequence[SourceFile]) -> Iterable[Outcome]:
        """An outcome for each text, in order."""
        ...


class Product:
    """The rules and models of the hook, category ``syntax`` alone.

    ``best`` is what ``--fix --unsafe-fixes --confidence 0`` leaves, ``sure`` what plain ``--fix`` does.
    """

    rewrites = False

    def __init__(self, models: str | None = None, model_path: str | None = None) -> None:
        """Raises ModelError or UsageError where models are asked for by name and cannot run."""
        settings = settings_for(models, model_path)
        _require_models(settings, asked=models is not None)
        self.name = f"thea-hook, models: {models or 'all'}{f' of {model_path}' if model_path else ''}"
        self._least = Settings(settings.root).confidence
        self._checker = Checker(settings)

    def repair(self, files: Sequence[SourceFile]) -> Iterator[Outcome]:
        return map(self._repair, files)

    def _repair(self, file: SourceFile) -> Outcome:
        started = time.perf_counter()
        known: dict[bytes, tuple[Finding, ...]] = {}

        def check(text: SourceFile, region: Sequence[Span] | None) -> Sequence[Finding]:
            # both ways of fixing begin with the same text, and most end after it
            if text.text not in known:
                known[text.text] = self._checker.check(text).findings
            return known[text.text]

        def check_sure(text: SourceFile, region: Sequence[Span] | None) -> Sequence[Finding]:
            return [finding for finding in check(text, region) if _confidence(finding) >= self._least]

        best = fix_until_stable(file, check, least=Applicability.UNSAFE)
        seconds = time.perf_counter() - started
        sure = fix_until_stable(file, check_sure, least=Applicability.SAFE)
        return Outcome(
            any(finding.rule_id == SYNTAX_ERROR for finding in known[file.text]),
            best.file.text,
            sure.file.text,
            seconds,
            min(map(_confidence, best.applied), default=None),
            tuple(sorted({finding.source for finding in best.applied})),
        )


def _confidence(finding: Finding) -> float:
    """How sure a fix is that it mends what was found."""
    return min(finding.confidence, finding.fix.confidence if finding.fix else 1.0)


def _require_models(settings: Settings, *, asked: bool) -> None:
    """Try the models once: the hook goes on without those that do not run, but their figures would be those of others.

    Raises UsageError or ModelError.
    """
    mender = mender_for(settings)
    if mender is None:
        if asked and settings.models != ("none",):
            raise UsageError(f"no models are installed for --models {','.join(settings.models)}")
        return
    broken = SourceFile("probe.js", b"f(;", "javascript")
    mender.mend(broken, judge([broken])[0])
    if mender.failure:
        raise ModelError(mender.failure)


def settings_for(models: str | None, model_path: str | None = None) -> Settings:
    """The settings under which the product is measured: syntax alone, nothing held back.

    ``models`` and ``model_path`` are what the flags of the name would say, None for the default.
    """
    flags: dict[str, object] = {"select": ["syntax"], "confidence": 0.0}
    if models is not None:
        flags["models"] = models.replace(",", " ").split()
    if model_path is not None:
        flags["model-path"] = model_path
    configuration = Configuration.load(os.getcwd(), isolated=True, flags=flags, known_rules=known_selectors, environ={})
    return configuration.project()
