"""What the tagger is not sure of: other models propose and judge, and what all of them say is weighed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.languages.oracle import Verdict, judge
from thea_hook.ml.evidence import TAGGER, TAGGER_SOURCE, Evidence, Judged
from thea_hook.ml.index import UnifiedIndex
from thea_hook.ml.manifest import Manifest, Model
from thea_hook.ml.names import NAMES_ELSEWHERE, WRITES_NAME, Elsewhere, with_names
from thea_hook.ml.orchestrator import MLOrchestrator
from thea_hook.ml.registry import ArchitectureRegistry, Capability, Role, Strength, affinity_of
from thea_hook.ml.repair import Repair
from thea_hook.ml.router import request_of
from thea_hook.ml.session import Resources
from thea_hook.ml.tagger import Tagger
from thea_hook.ml.tasks import Candidate, Outcome, Response, Solver
from thea_hook.ml.verify import verified

if TYPE_CHECKING:
    from thea_hook.ml.scorer import Scorer

NamesElsewhere = Callable[[SourceFile], "Elsewhere | None"]


class Opinion(NamedTuple):
    """The verified candidates, the choice first, and how they came about; ``by_itself`` unless other files of the
    repository had a say, or would have had one."""

    judged: tuple[Judged, ...]
    response: Response
    by_itself: bool = True


class SecondOpinion:
    """Asks the other models about a text, and weighs what they say, and how well known the names are that they write.

    ``names_elsewhere`` gives what counts words in the other files of a file's repository.
    """

    def __init__(
        self, orchestrator: MLOrchestrator, evidence: Evidence, names_elsewhere: NamesElsewhere | None = None
    ) -> None:
        self._orchestrator = orchestrator
        self._evidence = evidence
        self._names_elsewhere = names_elsewhere if evidence.weighs(NAMES_ELSEWHERE) else None

    @property
    def sure_from(self) -> float:
        """The confidence of the tagger from which on there is no need to ask."""
        return self._evidence.sure_from

    def ask(self, file: SourceFile, verdict: Verdict, repairs: Sequence[Repair], deadline: float = math.inf) -> Opinion:
        """The opinion on a broken text of which the tagger's search found these repairs, all of them verified."""
        given = candidates_of(repairs)
        response = self._orchestrator.handle(request_of(file, verdict, given, deadline))
        elsewhere = None if self._names_elsewhere is None else self._names_elsewhere(file)
        kept = with_names(file, verified_only(file, response.candidates, deadline), elsewhere)
        # also where nothing could be counted: another time there may be a repository, or more of it be read
        by_itself = self._names_elsewhere is None or not any(WRITES_NAME in one.evidence for one in kept)
        spoke = {attempt.architecture for attempt in response.attempts if attempt.outcome is Outcome.ANSWERED}
        return Opinion(tuple(self._evidence.judge(file.text, kept, spoke)), response, by_itself)


# ------------------------------------------------------------------ who can be asked


CAPABILITIES: Mapping[str, Capability] = {
    "trm": Capability(
        Role.PROPOSER | Role.SCORER,
        affinity_of("trm"),
        frozenset((Strength.ITERATION, Strength.MANY_MISTAKES)),
        seconds=0.2,
        context=36_000,  # 8,192 lexemes
        techniques=("recursive refinement", "deep supervision", "gated convolution"),
    ),
    "rlm": Capability(
        Role.PROPOSER,
        affinity_of("rlm"),
        frozenset((Strength.LONG_INPUT, Strength.MANY_MISTAKES, Strength.SYNTHESIS)),
        seconds=0.8,
        techniques=("recursive decomposition",),
    ),
    "mamba": Capability(
        Role.SCORER,
        affinity_of("mamba"),
        frozenset((Strength.LONG_INPUT, Strength.STREAMING, Strength.SYNTHESIS)),
        seconds=0.3,
        techniques=("selective state space", "likelihood ratio"),
    ),
}
"""What is known of each before it is loaded; ``seconds`` are rough, of two cores and a file of 300 lines: they rank."""


WITHOUT_NETWORK: Mapping[str, Mapping[str, Any]] = {"rlm": {}}
"""What works with the networks of others, and its configuration."""


def index_of(manifest: Manifest, names: Iterable[str]) -> UnifiedIndex:
    """Those of these architectures that a folder of weights has, by what they are made of."""
    configs = {**WITHOUT_NETWORK, **{name: model.config for name, model in manifest.models.items()}}
    known = [name for name in names if name in CAPABILITIES and name in configs]
    return UnifiedIndex.of({name: CAPABILITIES[name]._replace(config=configs[name]) for name in known})


def solvers(
    manifest: Manifest,
    backend: str,
    resources: Resources,
    *,
    context_length: int,
    tagger: Tagger,
    infill: bool = False,
) -> dict[str, Callable[[], Solver]]:
    """How each architecture is made of a folder of weights; what it lacks shows when it is made.

    With ``infill`` the language model writes spans for the decomposer where no tag may express the repair.
    """

    def refiner() -> Solver:
        from thea_hook.ml.refiner import Refiner

        return Refiner.of(manifest, backend, resources, context_length=context_length)

    @cache  # the decomposer and the registry want the same one
    def scorer() -> Scorer:
        from thea_hook.ml.scorer import Scorer

        return Scorer.of(manifest, backend, resources)

    def decomposer() -> Solver:
        from thea_hook.ml.decomposer import Decomposer

        return Decomposer(tagger, judge, writer=scorer() if infill else None)

    return {"trm": refiner, "rlm": decomposer, "mamba": scorer}


def load_evidence(model: Model) -> Evidence:
    """The weights of evidence that lie beside the tagger. Raises ModelError."""
    stored = model.file("evidence")
    try:
        return Evidence.from_dict(json.loads(stored.read()))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ModelError(f"{stored.path}: no weights of evidence ({exc}): reinstall thea-hook") from exc


def second_opinion(
    evidence: Evidence, made: Mapping[str, Callable[[], Solver]], names_elsewhere: NamesElsewhere | None = None
) -> SecondOpinion:
    """The second opinion of these architectures."""
    registry = ArchitectureRegistry()
    for name, factory in made.items():
        registry.register(name, CAPABILITIES[name], factory)
    return SecondOpinion(MLOrchestrator(registry), evidence, names_elsewhere)


# ------------------------------------------------------------------ candidates


def candidates_of(repairs: Iterable[Repair]) -> list[Candidate]:
    """What the tagger's search found, as everybody else's candidates are."""
    return [Candidate(repair.text, TAGGER_SOURCE, repair.steps, {TAGGER: repair.score}) for repair in repairs]


def verified_only(file: SourceFile, candidates: Iterable[Candidate], deadline: float = math.inf) -> list[Candidate]:
    """Without the new ones that something speaks against; those of the tagger were verified before. After the deadline,
    without those that there was no time to look at."""
    found = list(candidates)
    new = [one for one in found if one.source != TAGGER_SOURCE]
    kept = {one.text for one in verified(file, new, at_once=12, deadline=deadline)}
    return [one for one in found if one.source == TAGGER_SOURCE or one.text in kept]
