"""``thea-hook --health-check``: what is installed and whether it works."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from thea_hook import __version__
from thea_hook.errors import TheaError

if TYPE_CHECKING:
    from thea_hook.settings import Settings


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing looked at: ``state`` is ok, missing (works without it) or broken (something essential does not)."""

    name: str
    state: str
    detail: str


def health_check(out: TextIO) -> int:
    """Print a line for each part; 2 if something essential is broken, else 0."""
    probes = list(_probes())
    width = max(len(probe.name) for probe in probes)
    for probe in probes:
        print(f"{probe.state:8} {probe.name:{width}}  {probe.detail}", file=out)
    return 2 if any(probe.state == "broken" for probe in probes) else 0


def _probes() -> Iterator[Probe]:
    yield Probe("thea-hook", "ok", f"{__version__}, Python {platform.python_version()} on {sys.platform}")
    yield _essential("parsers", _parsers)
    yield _essential("rules", _rules)
    yield _second_parser()
    yield _essential("settings", _settings)
    yield _cache()
    yield _git()
    yield _optional("backends", _backends)
    yield _optional("models", _models)
    yield _optional("second opinion", _second_opinion)
    if os.environ.get("THEA_TEACHER"):
        yield _optional("teacher", _teacher)


def _essential(name: str, probe: Callable[[], str]) -> Probe:
    try:
        return Probe(name, "ok", probe())
    except Exception as exc:  # whatever a broken installation throws, the other parts are looked at as well
        return Probe(name, "broken", f"{type(exc).__name__}: {exc}")


def _optional(name: str, probe: Callable[[], Probe]) -> Probe:
    try:
        return probe()
    except Exception as exc:  # as above
        return Probe(name, "missing", f"{type(exc).__name__}: {exc}")


def _parsers() -> str:
    from importlib.metadata import version

    from thea_hook.core.source import LANGUAGES
    from thea_hook.languages.grammars import parse

    for language in dict.fromkeys(LANGUAGES.values()):
        if parse(b"f(1);\n", language).root_node.has_error:
            raise TheaError(f"the {language} grammar does not parse")
    names = ("tree-sitter", "tree-sitter-javascript", "tree-sitter-typescript")
    return ", ".join(f"{name} {version(name)}" for name in names)


def _rules() -> str:
    from thea_hook.ruleset.loader import load
    from thea_hook.ruleset.query import resolve_check

    catalogue = load()
    for rule in catalogue.values():
        if rule.check is not None:
            resolve_check(rule.check)
    recommended = sum(rule.recommended for rule in catalogue.values())
    return f"{len(catalogue)}, {recommended} recommended"


def _second_parser() -> Probe:
    from thea_hook.languages import oracle

    if not oracle.available():
        return Probe("second parser", "missing", "no oxlint binary: syntax errors are reported with less confidence")
    return Probe("second parser", "ok", f"oxlint {oracle.version()}")


def _settings() -> str:
    return _project().source or "defaults (no configuration file)"


def _project() -> Settings:
    from thea_hook.config import Configuration
    from thea_hook.ruleset.selection import known_selectors

    return Configuration.load(os.getcwd(), known_rules=known_selectors).project()


def _cache() -> Probe:
    from thea_hook.cache import Cache, cache_folder, digest

    folder, key = cache_folder(), digest(b"health-check")
    cache = Cache.open(folder, "", "health-check")
    cache.put(key, b"healthy")
    cache.flush()
    if Cache.open(folder, "", "health-check").get(key) != b"healthy":
        return Probe("cache", "missing", f"{folder} cannot be written: every run checks every file")
    return Probe("cache", "ok", folder)


def _backends() -> Probe:
    from importlib.util import find_spec

    found = [name for name in ("onnxruntime", "torch") if find_spec(name) is not None]
    if "onnxruntime" not in found:
        return Probe("backends", "missing", "no ONNX Runtime: what does not parse is mended by rules alone")
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    return Probe("backends", "ok", f"{', '.join(found)} ({', '.join(onnxruntime.get_available_providers())})")


def _teacher() -> Probe:
    """Asks the server about the model; no code is sent."""
    from thea_hook.errors import ModelError
    from thea_hook.teacher.load import teacher_settings
    from thea_hook.teacher.teacher import Teacher

    settings = teacher_settings(_project())
    try:
        return Probe("teacher", "ok", f"{Teacher(settings).check()}, at {settings.address}")
    except ModelError as exc:
        return Probe("teacher", "missing", str(exc))


def _models() -> Probe:
    """Loads every model and lets it mend a text."""
    from thea_hook.core.source import SourceFile
    from thea_hook.errors import ModelError
    from thea_hook.languages.oracle import judge
    from thea_hook.ml.load import mender_for
    from thea_hook.ml.manifest import read_manifest

    try:
        settings = _project()
        mender = mender_for(settings)
        if mender is None:
            return Probe("models", "missing", "none asked for, or none installed: findings come from rules and parsers")
        models = read_manifest(settings.model_path).models.values()
        broken = SourceFile("probe.js", b"f(a, b;\n", "javascript")
        mended = mender.mend(broken, judge([broken])[0])
    except ModelError as exc:
        return Probe("models", "missing", str(exc))
    if mended is None:
        return Probe("models", "missing", mender.failure or "the models have no answer")
    sizes = ", ".join(f"{model.name} ({model.precision}, {model.network.size / 1e6:.1f} MB)" for model in models)
    return Probe("models", "ok", sizes)


def _second_opinion() -> Probe:
    """Which architectures are asked where the tagger is not sure, and by which techniques they work."""
    from thea_hook.ml.manifest import read_manifest
    from thea_hook.ml.second_opinion import index_of

    settings = _project()
    manifest = read_manifest(settings.model_path)
    index = index_of(manifest, manifest.asked_for(settings.models))
    names = dict.fromkeys(entry.architecture for entries in index.entries.values() for entry in entries)
    if not names:
        return Probe("second opinion", "missing", "none asked for, or none installed: the tagger decides alone")
    return Probe("second opinion", "ok", ", ".join(f"{name} ({', '.join(index.techniques(name))})" for name in names))


def _git() -> Probe:
    from thea_hook import git

    try:
        root = git.find_root(os.getcwd())
    except TheaError as exc:
        return Probe("git", "missing", str(exc))
    return Probe("git", "ok", f"repository {root}" if root else "found; this folder is in no repository")
