"""Which settings hold for a file: preset < configuration file < its overrides < ``THEA_*`` variables < flags.

The nearest configuration file above a file is the only one that counts for it; files are not merged unless one
``extends`` another. In one folder, ``thea-hook.toml`` comes before ``package.json`` before ``pyproject.toml``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from thea_hook.config_file import (
    ConfigFile,
    FileRule,
    Values,
    check_names,
    convert_flags,
    merge,
    read_folder,
    read_named,
    read_variables,
)
from thea_hook.globs import Globs
from thea_hook.settings import PRESETS, Settings

# Any of these above a file says that it belongs to a project, whose host (a browser, Node, a test runner) provides more
# names than ECMAScript and what all hosts share.
_SIGNS_OF_A_PROJECT = ("package.json", "deno.json", "tsconfig.json", "jsconfig.json", "bower.json", "index.html")
_NO_PROJECT = ("shared-node-browser",)


class _Layer(NamedTuple):
    """A configuration file, or the lack of one, made ready for the files it holds for."""

    root: str
    file: ConfigFile | None
    base: Settings
    file_rules: tuple[tuple[Globs, FileRule], ...]
    excluded: Globs


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
        self._fixed: _Layer | None = None

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
        given = convert_flags(flags or {}, cwd)
        configuration = cls(cwd, given, read_variables(environ, cwd), isolated=isolated, known_rules=known_rules)
        check_names(given, known_rules)
        named = config_file or environ.get("THEA_CONFIG")
        if named and not isolated:
            file = read_named(os.path.join(cwd, os.path.expanduser(named)), cwd)
            configuration._fixed = configuration._make_layer(cwd, file)
        return configuration

    def project(self) -> Settings:
        """The settings of the working folder, for what is not decided per file: workers, formats, cache."""
        return self._for(self._layer(self._cwd), (), in_project=self._is_in_project(self._cwd))

    def settings(self, path: str) -> Settings:
        """The settings of a file. Files with the same settings get the same object, so callers may key by identity."""
        layer = self._layer_of(path)
        matching: tuple[int, ...] = ()
        if layer.file_rules:
            inside = _relative(self._absolute(path), layer.root)
            matching = tuple(i for i, (globs, _) in enumerate(layer.file_rules) if globs.matches(inside))
        return self._for(layer, matching, in_project=self._is_in_project(os.path.dirname(self._absolute(path))))

    def excluded(self, path: str) -> bool:
        """Whether ``exclude`` or ``extend-exclude`` of its configuration matches the path or a folder above it."""
        layer = self._layer_of(path)
        return layer.excluded.matches(_relative(self._absolute(path), layer.root))

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
            ) or (parent != folder and not os.path.exists(os.path.join(folder, ".git")) and self._is_in_project(parent))
        return known

    def _find_layer(self, folder: str) -> _Layer:
        file = None if self._isolated else read_folder(folder)
        if file is not None:
            return self._make_layer(folder, file)
        parent = os.path.dirname(folder)
        if os.path.exists(os.path.join(folder, ".git")):
            return self._make_layer(folder, None)
        if parent == folder:
            return self._make_layer(self._cwd, None)
        return self._layer(parent)

    def _make_layer(self, root: str, file: ConfigFile | None) -> _Layer:
        if file is not None:
            file.check_names(self._known_rules)
        values: Values = {} if file is None else file.values
        preset = self._flags.get("preset", values.get("preset"))
        base = _apply(Settings(root, source=None if file is None else file.path), PRESETS[preset] if preset else {})
        base = _apply(base, values)
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


def _relative(path: str, root: str) -> str:
    """The path below ``root``, with forward slashes; for a path elsewhere, the part that is not shared."""
    prefix = os.path.join(root, "")
    if path.startswith(prefix):
        inside = path[len(prefix) :]
    else:
        inside = re.sub(r"^(?:\.\.[/\\])+", "", os.path.relpath(path, root))
    return inside.replace(os.sep, "/")
