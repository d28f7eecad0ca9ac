"""Which settings hold for a file: preset < configuration file < its overrides < ``THEA_*`` variables < flags.

The nearest configuration file above a file is the only one that counts for it; files are not merged unless one
``extends`` another. In one folder, ``thea-hook.toml`` comes before ``package.json`` before ``pyproject.toml``. What
concerns the whole run (``RUN_WIDE``) is decided by the file nearest to the working folder alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import NamedTuple

from thea_hook.config_file import (
    ConfigFile,
    FileRule,
    Standing,
    check_names,
    convert_flags,
    find_texts,
    is_hook,
    read_first,
    read_named,
    read_variables,
)
from thea_hook.config_keys import RUN_WIDE, Values, merge
from thea_hook.globs import Globs
from thea_hook.paths import as_if_below, below, upwards
from thea_hook.settings import PRESETS, Settings

# Any of these above a file says that it belongs to a project, whose host (a browser, Node, a test runner) provides more
# names than ECMAScript and what all hosts share.
_SIGNS_OF_A_PROJECT = ("package.json", "deno.json", "tsconfig.json", "jsconfig.json", "bower.json", "index.html")
_NO_PROJECT = ("shared-node-browser",)
_RUN_WIDE = tuple(key.replace("-", "_") for key in RUN_WIDE if key != "preset")


class _Layer(NamedTuple):
    """A configuration file, or the lack of one, made ready for the files it holds for."""

    root: str
    file: ConfigFile | None
    base: Settings
    file_rules: tuple[tuple[Globs, FileRule], ...]
    excluded: Globs

    def excludes(self, path: str) -> bool:
        """Whether ``exclude`` or ``extend-exclude`` matches an absolute path or a folder that it is in."""
        return self.excluded.matches(as_if_below(path, self.root))


class Configuration:
    """The settings of any file. Configuration files are found and read when the first file of their folder comes."""

    def __init__(
        self, cwd: str, flags: Values, variables: Values, *, isolated: bool, known_rules: Callable[[], Collection[str]]
    ) -> None:
        self._cwd = cwd
        self._flags = flags
        self._variables = variables
        self._isolated = isolated
        self._known_rules = known_rules
        self._layers: dict[str, _Layer] = {}
        self._settings: dict[tuple[str, tuple[int, ...], bool], Settings] = {}
        self._projects: dict[str, bool] = {}
        self._real: dict[str, str] = {}
        self._fixed: _Layer | None = None
        self.ignored: list[str] = []
        """``file:line: key`` of what nested files say in vain, as far as they have been read."""

    @classmethod
    def load(
        cls,
        cwd: str,
        *,
        known_rules: Callable[[], Collection[str]],
        config_file: str | None = None,
        isolated: bool = False,
        flags: Mapping[str, object] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Configuration:
        """The configuration for a run in ``cwd``.

        ``flags`` has the keys and types of a configuration file; what the user did not give is not in it.
        ``config_file``, or THEA_CONFIG, names the one file that holds for everything, its globs relative to ``cwd``;
        ``isolated`` means none. Where a rule or category is named that ``known_rules`` does not have, ConfigError.
        """
        cwd = os.path.abspath(cwd)
        by_hook = is_hook(environ)
        given = convert_flags(flags or {}, cwd, by_hook=by_hook)
        configuration = cls(cwd, given, read_variables(environ, cwd), isolated=isolated, known_rules=known_rules)
        check_names(given, known_rules)
        named = config_file or environ.get("THEA_CONFIG")
        if named and not isolated:
            path = os.path.join(cwd, os.path.expanduser(named))
            file = read_named(path, cwd, by_hook=by_hook and config_file is not None)
            configuration._fixed = configuration._make_layer(cwd, file, run=None)
        return configuration

    def project(self) -> Settings:
        """The settings of the working folder, for what is not decided per file: workers, formats, cache."""
        return self._for(self._run, (), in_project=self._is_in_project(self._cwd))

    def settings(self, path: str) -> Settings:
        """The settings of a file. Files with the same settings get the same object, so callers may key by identity."""
        layer = self._layer_of(path)
        matching: tuple[int, ...] = ()
        if layer.file_rules:
            inside = as_if_below(self._absolute(path), layer.root)
            matching = tuple(i for i, (globs, _) in enumerate(layer.file_rules) if globs.matches(inside))
        return self._for(layer, matching, in_project=self._is_in_project(os.path.dirname(self._absolute(path))))

    def excluded(self, path: str) -> bool:
        """Whether ``exclude`` or ``extend-exclude`` of its configuration matches the path or a folder above it."""
        return self._layer_of(path).excludes(self._absolute(path))

    def _absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._cwd, path))

    def _layer_of(self, path: str) -> _Layer:
        return self._layer(os.path.dirname(self._absolute(path)))

    def _layer(self, folder: str) -> _Layer:
        if self._fixed is not None:
            return self._fixed
        layer = self._layers.get(folder)
        if layer is None:
            layer = self._layers[folder] = self._find_layer(folder)
        return layer

    def _is_in_project(self, folder: str) -> bool:
        known = self._projects.get(folder)
        if known is None:
            parent = os.path.dirname(folder)
            known = self._projects[folder] = any(
                os.path.exists(os.path.join(folder, name)) for name in _SIGNS_OF_A_PROJECT
            ) or (parent != folder and not _is_top(folder) and self._is_in_project(parent))
        return known

    @cached_property
    def _run(self) -> _Layer:
        """That of the working folder, which decides what concerns the whole run."""
        if self._fixed is not None:
            return self._fixed
        for folder in upwards(self._cwd):
            texts = [] if self._isolated else find_texts(folder)
            file = read_first(texts, Standing(folder, self._project_of(folder))) if texts else None
            if file is not None or _is_top(folder):
                return self._make_layer(folder, file, run=None)
        return self._make_layer(self._cwd, None, run=None)

    def _find_layer(self, folder: str) -> _Layer:
        run, parent = self._run, os.path.dirname(folder)
        if folder == run.root:
            return run
        texts = [] if self._isolated else find_texts(folder)
        if texts and below(self._cwd, folder) is None and self._layer(parent).excludes(folder):
            # What is left out has no say: a dependency's own configuration shall not bring it back in.
            return self._layer(parent)
        file = read_first(texts, Standing(folder, self._project_of(folder), nested=True)) if texts else None
        if file is not None and below(folder, self._cwd) is not None:
            self.ignored += file.ignored
        if file is not None or _is_top(folder) or parent == folder:
            return self._make_layer(folder, file, run)
        return self._layer(parent)

    def _project_of(self, folder: str) -> str:
        """The real folder that no path in a configuration file of this folder may leave: the repository, where there is
        one, else the working folder."""
        top = next(filter(_is_top, upwards(folder)), None)
        project = top or (folder if below(folder, self._cwd) is None else self._cwd)
        if project not in self._real:
            self._real[project] = os.path.realpath(project)
        return self._real[project]

    def _make_layer(self, root: str, file: ConfigFile | None, run: _Layer | None) -> _Layer:
        """The layer of a file; ``run`` is None where it is that of the run itself."""
        if file is not None:
            file.check_names(self._known_rules)
        values: Values = {} if file is None else file.values
        preset = self._flags.get("preset", values.get("preset"))
        base = _apply(Settings(root, source=None if file is None else file.path), PRESETS[preset] if preset else {})
        base = _apply(base, values)
        if run is not None:
            base = base._replace(**{field: getattr(run.base, field) for field in _RUN_WIDE})
            if "none" not in base.models:  # a folder may do without models, but not ask for what the run does not
                base = base._replace(models=run.base.models)
        final = self._finish(base)
        return _Layer(
            root,
            file,
            base,
            tuple((Globs(rule.globs), rule) for rule in (() if file is None else file.file_rules)),
            Globs((*final.exclude, *final.extend_exclude)),
        )

    def _for(self, layer: _Layer, matching: tuple[int, ...], *, in_project: bool) -> Settings:
        """The settings for files that match these file rules of the layer."""
        key = (layer.root, matching, in_project)
        settings = self._settings.get(key)
        if settings is None:
            rules = [layer.file_rules[number][1] for number in matching]
            settings = layer.base
            for rule in rules:
                settings = _apply(settings, rule.changes)
            # A file that is exempt from a rule stays so, whatever rules the flags ask for.
            exempt = tuple(name for rule in rules for name in rule.exempt)
            settings = _apply(self._finish(settings), {"exempt": exempt})
            if not in_project:
                settings = settings._replace(assumed_env=_NO_PROJECT)
            self._settings[key] = settings
        return settings

    def _finish(self, settings: Settings) -> Settings:
        """With what variables and flags say."""
        settings = _apply(settings, self._variables)
        if "select" in self._flags:  # `--select no-var` means this rule alone, whatever the file adds or takes away
            settings = settings._replace(extend_select=(), ignore=(), extend_ignore=())
        return _apply(settings, self._flags)


def _apply(settings: Settings, values: Values) -> Settings:
    if not values:
        return settings
    below = {name: getattr(settings, name) for name in values}
    return settings._replace(**merge(below, values))


def _is_top(folder: str) -> bool:
    """Whether a repository begins here."""
    return os.path.exists(os.path.join(folder, ".git"))
