"""The settings as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from thea_hook.core.finding import Severity

DEFAULT_EXCLUDE = (
    ".git", ".hg", ".svn", ".yarn", ".next", ".nuxt", ".svelte-kit", ".turbo",
    "bower_components", "build", "coverage", "dist", "jspm_packages", "node_modules",
    "*.min.*", ".pnp.*",
)  # fmt: skip

HOSTS = ("browser", "node", "commonjs", "worker", "serviceworker", "jest", "mocha")
"""Environments whose names may exist where code runs in a project that does not say which is its own."""

PRESETS: dict[str, dict[str, object]] = {
    "development": {"workers": 2, "context_length": 2_048},
    "production": {"workers": 16, "context_length": 32_768},
    "edge": {"workers": 2, "context_length": 2_048, "device": "cpu", "confidence": 0.95},
}

_NOT_IN_DIGEST = frozenset(
    {"root", "source", "preset", "exclude", "extend_exclude", "force_exclude", "respect_gitignore", "max_file_size",
     "workers", "cache_dir", "output_format", "required_version", "budget",
     "teacher", "teacher_url", "teacher_model", "teacher_timeout", "teacher_context", "teacher_questions",
     "teacher_remote", "teacher_host", "memory"}
)  # fmt: skip


class _Keys(NamedTuple):
    root: str
    source: str | None = None
    preset: str | None = None
    select: tuple[str, ...] = ("recommended",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    fixable: tuple[str, ...] = ("all",)
    unfixable: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = {}
    rule_options: Mapping[str, Mapping[str, object]] = {}
    env: tuple[str, ...] = ()
    globals: Mapping[str, str] = {}
    assumed_env: tuple[str, ...] = HOSTS
    """Without ``env``: whose names are not called undefined. Found out, not configured."""
    eslint_directives: bool = True
    confidence: float = 0.5
    context_length: int = 8_192
    models: tuple[str, ...] = ("all",)
    backend: str = "onnxruntime"
    model_path: str | None = None
    budget: str | None = None
    """Seconds that models may take in a run, ``10``, or also for one file, ``10/2``."""
    device: str = "auto"
    teacher: str = "off"
    teacher_url: str = ""
    teacher_model: str = "qwen3-coder:30b"
    teacher_timeout: float = 60.0
    teacher_context: int = 8_192
    teacher_questions: int = 20
    teacher_remote: bool = False
    teacher_host: str = ""
    """The host that the environment allows code to be sent to; nothing without ``teacher_remote``."""
    memory: bool = False
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    max_file_size: int = 1 << 20
    workers: int = 0
    cache_dir: str | None = None
    output_format: tuple[str, ...] = ()
    required_version: str | None = None


class Settings(_Keys):
    """Everything that can be configured, for one file. ``root`` is the folder that globs are relative to.

    ``exempt`` is what ``per-file-ignores`` says about this file: those rules are silent, whoever selects them.
    """

    @cached_property
    def digest(self) -> bytes:
        """A hash of everything here that can change the findings of a file: part of the cache key."""
        from thea_hook.cache import digest

        relevant = {name: value for name, value in self._asdict().items() if name not in _NOT_IN_DIGEST}
        return digest(_canonical(relevant).encode("utf-8", "surrogatepass"))

    def as_dict(self) -> dict[str, object]:
        """The effective values under the keys of a configuration file, for ``--show-settings``."""
        shown: dict[str, object] = {}
        for name, value in self._asdict().items():
            if name not in ("severities", "rule_options", "assumed_env"):
                shown[name.replace("_", "-")] = list(value) if isinstance(value, tuple) else value
        shown["rules"] = {
            rule: {
                **({"severity": str(self.severities[rule])} if rule in self.severities else {}),
                **self.rule_options.get(rule, {}),
            }
            for rule in sorted({*self.severities, *self.rule_options})
        }
        return shown


def _canonical(value: object) -> str:
    """Text that is equal for equal values, whatever the order of a table's keys."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{_canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return repr(value)
