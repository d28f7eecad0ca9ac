"""The Python interface."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import thea_hook
from thea_hook import PatternMatcher, api, check_paths
from thea_hook.core.finding import Applicability
from thea_hook.core.source import Language
from thea_hook.errors import ConfigError, UsageError


def test_the_examples_of_the_documentation_hold() -> None:
    assert doctest.testmod(api).failed == 0


def test_analyze_code_gives_findings_in_order() -> None:
    found = PatternMatcher(["no-var", "no-dupe-keys"]).analyze_code("f({a: 1, a: 2}); var b = 1;")
    assert [finding.rule_id for finding in found] == ["no-dupe-keys", "no-var"]


@pytest.mark.parametrize(
    ("language", "code"), [("javascript", "f(<a/>)"), ("typescript", "f(<any>a)"), ("tsx", "f(<A<string>/>)")]
)
def test_every_language_is_read(language: Language, code: str) -> None:
    assert PatternMatcher(["syntax"]).analyze_code(code, language) == []


def test_spans_count_bytes() -> None:
    (finding,) = PatternMatcher(["no-var"]).analyze_code("'é'; var a = 1; f(a);", path="a.mjs")
    assert finding.span.start == len("'é'; ".encode())


def test_apply_fixes_gives_code_and_what_was_done() -> None:
    code, report = PatternMatcher(["no-var", "no-dupe-keys"]).apply_fixes("var a = {b: 1, b: 2};\r\nf(a)", path="a.mjs")
    assert code == "let a = {b: 1, b: 2};\r\nf(a)"
    assert [finding.rule_id for finding in report.applied] == ["no-var"]
    assert [finding.rule_id for finding in report.remaining] == ["no-dupe-keys"]
    assert report.diff.startswith("--- a/a.mjs\n+++ b/a.mjs\n@@")


def test_apply_fixes_with_rules_of_its_own() -> None:
    assert PatternMatcher(["no-dupe-keys"]).apply_fixes("var x = 1; f(x);", rules=["no-var"])[0] == "let x = 1; f(x);"
    assert PatternMatcher().apply_fixes("var x = 1; f(x);", rules=[])[0] == "var x = 1; f(x);"


def test_unsafe_fixes_are_made_on_request() -> None:
    matcher = PatternMatcher(["use-isnan"])
    assert matcher.apply_fixes("f(a === NaN)")[0] == "f(a === NaN)"
    fixed, report = matcher.apply_fixes("f(a === NaN)", unsafe=True)
    assert fixed == "f(Number.isNaN(a))"
    assert report.applied[0].fix is not None
    assert report.applied[0].fix.applicability is Applicability.UNSAFE


def test_fixing_nothing_gives_no_diff() -> None:
    assert PatternMatcher().apply_fixes("f();", rules=["no-var"]) == ("f();", api.FixReport((), (), ""))


def test_options_reach_the_rule() -> None:
    matcher = PatternMatcher(["eqeqeq"], options={"eqeqeq": {"mode": "smart"}})
    assert matcher.analyze_code("f(a == null)") == []
    assert len(PatternMatcher(["eqeqeq"]).analyze_code("f(a == null)")) == 1


def test_wrong_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean `no-var`"):
        PatternMatcher(["no-vra"])
    with pytest.raises(UsageError, match="Did you mean `no-var`"):
        PatternMatcher().apply_fixes("f()", rules=["no-vra"])
    with pytest.raises(UsageError, match="unknown language `python`"):
        PatternMatcher().analyze_code("f()", "python")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="has no option `mod`"):
        PatternMatcher(["eqeqeq"], options={"eqeqeq": {"mod": "smart"}}).analyze_code("f()")
    with pytest.raises(AttributeError, match="check_path"):
        thea_hook.check_path  # noqa: B018


# ------------------------------------------------------------------ check_paths


def test_check_paths_reads_files_and_folders(project: Path) -> None:
    (project / "src").mkdir()
    (project / "src/a.mjs").write_text("var a = 1;\nf(a);\n")
    (project / "b.mjs").write_text("f();\n")
    report = check_paths(["src", Path("b.mjs")], select=["no-var"])
    assert [(result.path, len(result.findings)) for result in report.results] == [("b.mjs", 0), ("src/a.mjs", 1)]
    assert (project / "src/a.mjs").read_text() == "var a = 1;\nf(a);\n"


def test_check_paths_fixes_on_request(project: Path) -> None:
    (project / "a.mjs").write_text("var a = 1;\nf(a);\n")
    report = check_paths(["."], select=["no-var"], fix=True)
    assert (report.fixed, report.findings) == (1, 0)
    assert (project / "a.mjs").read_text() == "let a = 1;\nf(a);\n"


def test_check_paths_heeds_the_configuration_and_settings_outrank_it(project: Path) -> None:
    (project / "thea-hook.toml").write_text('select = ["no-dupe-keys"]\n')
    (project / "a.mjs").write_text("var a = 1;\nf(a);\n")
    assert check_paths(["."]).findings == 0
    assert check_paths(["."], select=["no-var"]).findings == 1


def test_check_paths_refuses_what_is_not_there(project: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder: nowhere"):
        check_paths(["nowhere"])
    with pytest.raises(ConfigError, match="unknown key `selct`"):
        check_paths(["."], selct=["no-var"])
    with pytest.raises(ConfigError, match="there is no rule or category `no-vra`"):
        check_paths(["."], select=["no-vra"])


def test_the_package_is_typed() -> None:
    assert (Path(thea_hook.__file__).parent / "py.typed").exists()
