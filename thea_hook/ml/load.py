"""The models that a set of settings asks for, loaded when the first file needs them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from thea_hook.core.source import SourceFile
from thea_hook.errors import ModelError
from thea_hook.ml import MANIFEST, SHIPPED

if TYPE_CHECKING:
    from thea_hook.core.routing import Note
    from thea_hook.languages.oracle import Verdict
    from thea_hook.ml.controller import RunConfidence
    from thea_hook.ml.manifest import Model
    from thea_hook.ml.mender import TaggerMender
    from thea_hook.settings import Settings
    from thea_hook.syntax.mender import Mended


class LazyMender:
    """Mends as soon as it is asked; whatever keeps the models from running is in ``failure``, and nothing is mended.

    Most runs never ask, so neither numpy nor ONNX Runtime nor the weights are loaded before.
    """

    def __init__(self, folder: str, settings: Settings, note: Note | None = None) -> None:
        self._folder = folder
        self._settings = settings
        self._note = note
        self._mender: TaggerMender | None = None
        self.failure = ""
        self.version = weights_version(settings)

    def mend(self, file: SourceFile, verdict: Verdict) -> Mended | None:
        """The likeliest repair of a text that does not parse, or None, also where the budget of the run is spent."""
        from thea_hook.budget import current

        budget = current()
        if not budget.left:
            self._take_down("the time that models may take in a run was over", in_time=False)
            return None
        began = time.monotonic()
        try:
            return self._mended(file, verdict, budget.deadline())
        finally:
            budget.spend(time.monotonic() - began)

    def _mended(self, file: SourceFile, verdict: Verdict, deadline: float) -> Mended | None:
        try:
            if not self.failure:
                return self._loaded().mend(file, verdict, deadline)
        except ModelError as exc:
            self.failure = str(exc)
        self._take_down("no model could be asked", self.failure)
        return None

    def _take_down(self, reason: str, failure: str = "", *, in_time: bool = True) -> None:
        from thea_hook.core.routing import Attempt, Outcome, Routing

        attempts = (Attempt("tagger", Outcome.FAILED, failure),) if failure else ()
        if self._note is not None:
            self._note(Routing(reason, attempts, in_time=in_time))

    def _loaded(self) -> TaggerMender:
        if self._mender is None:
            self._mender = load_mender(self._folder, self._settings, self._note)
        return self._mender


def mender_for(settings: Settings, note: Note | None = None) -> LazyMender | None:
    """The mender of these settings; None where they want no model, or none is installed. It notes whom it asks.

    Raises ModelError where the settings name a folder that has no models.
    """
    if "none" in settings.models or not {"all", "tagger"} & set(settings.models):
        return None
    folder = settings.model_path or SHIPPED
    if os.path.isfile(os.path.join(folder, MANIFEST)):
        return LazyMender(folder, settings, note)
    if settings.model_path:
        raise ModelError(
            f"model-path: {folder} has no {MANIFEST}: name a folder that `thea-lab export` wrote; nothing is downloaded"
        )
    return None


def load_mender(folder: str, settings: Settings, note: Note | None = None) -> TaggerMender:
    """The mender with its network. Raises ModelError where the weights or the backend cannot be used."""
    try:
        from thea_hook.ml.mender import TaggerMender, load_tagger
    except ImportError as exc:
        raise ModelError(f"{exc.name or exc} cannot be imported: reinstall thea-hook", "backend") from exc
    from thea_hook.ml.manifest import read_manifest
    from thea_hook.ml.session import Resources, Session

    manifest, resources = read_manifest(folder), Resources(settings.device)
    model = manifest.model("tagger")
    session = Session(model, settings.backend, resources)
    tagger, calibration = load_tagger(model, session, context_length=settings.context_length)
    others = set(manifest.asked_for(settings.models)) - {"tagger"}
    run = _run_confidence(model) if "liquid" in others else None
    if not others - {"liquid", "infill"} or "evidence" not in model.files:
        return TaggerMender(tagger, calibration, note, run=run)
    from thea_hook.ml.second_opinion import load_evidence, second_opinion, solvers
    from thea_hook.repository_names import names_elsewhere

    made = solvers(
        manifest,
        settings.backend,
        resources,
        context_length=settings.context_length,
        tagger=tagger,
        infill="infill" in others,
    )
    asked = {name: factory for name, factory in made.items() if name in others}
    opinion = second_opinion(load_evidence(model), asked, names_elsewhere)
    return TaggerMender(tagger, calibration, note, opinion, run)


def _run_confidence(model: Model) -> RunConfidence | None:
    """Of weights that have one."""
    if "controller" not in model.files:
        return None
    from thea_hook.ml.controller import RunConfidence

    return RunConfidence.of(model.file("controller"))


def weights_version(settings: Settings) -> str:
    """Something that changes when the weights do, cheap enough for every run."""
    try:
        status = os.stat(os.path.join(settings.model_path or SHIPPED, MANIFEST))
    except OSError:
        return ""
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"
