"""The Python interface: rules over a string, or a whole check over paths."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thea_hook.core.finding import Applicability, Finding
from thea_hook.core.report import Report
from thea_hook.core.source import Language, SourceFile
from thea_hook.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from thea_hook.checking import Checker

# Code without a file is taken as a module, as ESLint does: its top-level names are its own.
_FILE_NAMES: Mapping[Language, str] = {"javascript": "code.mjs", "typescript": "code.ts", "tsx": "code.tsx"}


@dataclass(frozen=True, slots=True)
class FixReport:
    """What ``apply_fixes`` did: the findings it removed, those that are left, and the patch as a unified diff."""

    applied: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    diff: str


class PatternMatcher:
    """Checks and fixes code with the rules of the catalogue.

        >>> matcher = PatternMatcher()
        >>> [finding.rule_id for finding in matcher.analyze_code("if (a = = b) f();")]
        ['no-spaced-operators', 'syntax-error']
        >>> matcher.apply_fixes("var x = 1; f(x);", rules=["no-var"])[0]
        'let x = 1; f(x);'

    ``rules`` names ids, categories, ``recommended`` (the default) or ``all``; ``options`` maps a rule id to its
    options. Raises UsageError for an unknown rule or language, ConfigError for an unknown option.
    """

    def __init__(
        self,
        rules: Iterable[str] = ("recommended",),
        *,
        env: Iterable[str] = (),
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._rules = _known(rules)
        self._env = tuple(env)
        self._options = dict(options or {})

    def analyze_code(self, code: str, language: Language = "javascript", *, path: str | None = None) -> list[Finding]:
        """Every finding, in order; spans count UTF-8 bytes. ``path`` decides where its ending matters (.js, .cjs)."""
        return list(self._checker(self._rules).check(_source(code, language, path)).findings)

    def apply_fixes(
        self,
        code: str,
        rules: Iterable[str] | None = None,
        language: Language = "javascript",
        *,
        unsafe: bool = False,
        path: str | None = None,
    ) -> tuple[str, FixReport]:
        """The code after its safe fixes (with ``unsafe`` also the others), and what was done.

        The result parses if the code did, and fixing it again changes nothing.
        """
        from thea_hook.core.patch import Patch
        from thea_hook.fixer import fix_until_stable

        checker = self._checker(self._rules if rules is None else _known(rules))
        source = _source(code, language, path)
        least = Applicability.UNSAFE if unsafe else Applicability.SAFE
        fixed = fix_until_stable(source, lambda file, _: checker.check(file).findings, least=least)
        diff = Patch(source.path, source.text, fixed.file.text).unified_diff().decode("utf-8", "surrogatepass")
        return fixed.file.text.decode("utf-8", "surrogatepass"), FixReport(fixed.applied, fixed.findings, diff)

    def _checker(self, rules: tuple[str, ...]) -> Checker:
        from thea_hook.checking import checker_for
        from thea_hook.settings import Settings

        return checker_for(Settings(root=os.getcwd(), select=rules, env=self._env, rule_options=self._options))


def check_paths(
    paths: Sequence[str | os.PathLike[str]],
    *,
    fix: bool = False,
    unsafe_fixes: bool = False,
    config: str | os.PathLike[str] | None = None,
    workers: int = 1,
    use_cache: bool = False,
    **settings: Any,
) -> Report:
    """Check files and folders as the command line does, configuration files included.

    ``fix`` writes the safe fixes to disk, ``unsafe_fixes`` the others too. ``settings`` are keys of the configuration
    with underscores (``select=["no-var"]``, ``env=["browser"]``); they outrank the files. Raises UsageError for a path
    that does not exist, ConfigError for a wrong setting. What goes wrong with one file is in ``Report.errors``.

    Nothing is printed, so the variable that turns the teacher on has no effect: ``teacher="ollama"`` does.
    """
    from thea_hook.config import Configuration
    from thea_hook.pipeline import Request, run
    from thea_hook.ruleset.selection import known_selectors

    configuration = Configuration.load(
        os.getcwd(),
        config_file=None if config is None else os.fspath(config),
        flags={key.replace("_", "-"): value for key, value in settings.items()},
        known_rules=known_selectors,
        environ={name: value for name, value in os.environ.items() if name != "THEA_TEACHER"},
    )
    least = Applicability.UNSAFE if unsafe_fixes else Applicability.SAFE
    request = Request(
        paths=tuple(os.fspath(path) for path in paths),
        fix=least if fix or unsafe_fixes else None,
        use_cache=use_cache,
        workers=workers,
    )
    return run(request, configuration)


def _source(code: str, language: Language, path: str | None) -> SourceFile:
    if language not in _FILE_NAMES:
        raise UsageError(f"unknown language `{language}`: one of {', '.join(_FILE_NAMES)}")
    return SourceFile(path or _FILE_NAMES[language], code.encode("utf-8", "surrogatepass"), language)


def _known(rules: Iterable[str]) -> tuple[str, ...]:
    from thea_hook.ruleset.selection import known_selectors

    words = (rules,) if isinstance(rules, str) else tuple(rules)
    known = known_selectors()
    for word in words:
        if word not in known:
            raise UsageError(f"there is no rule or category `{word}`.{did_you_mean(word, known)}")
    return words
