"""What the documentation shows is true of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from thea_hook.core.source import SourceFile
from thea_hook.languages.oracle import Answer, Verdict
from thea_hook.ml.registry import AFFINITY
from thea_hook.ml.tasks import Request, TaskType
from thea_hook.reporting import FORMATS
from thea_hook.ruleset import loader
from thea_hook.ruleset.cases import all_cases
from thea_hook.ruleset.compiler import compile_catalogue

ROOT = Path(__file__).parents[1]


def examples(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / document).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_rule_that_contributing_shows_passes_its_own_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = examples("CONTRIBUTING.md", "yaml")[0]
    (tmp_path / "correctness").mkdir()
    (tmp_path / "correctness" / "no-nan-comparison.yaml").write_text(rule, "utf-8")
    compiled = [str(tmp_path / name) for name in ("catalogue.json", "cases.json")]
    compile_catalogue(str(tmp_path), *compiled)
    for name, value in zip(("SOURCES", "CATALOGUE", "CASES"), (str(tmp_path), *compiled), strict=True):
        monkeypatch.setattr(loader, name, value)
    monkeypatch.setattr(loader, "load", loader.load.__wrapped__)
    monkeypatch.setattr(loader, "cases", loader.cases.__wrapped__)
    cases = list(all_cases())
    assert [(len(case.findings(case.code)), case.fix()) for case in cases] == [
        (0, case.code) if case.is_valid else (case.errors, case.fixed) for case in cases
    ]
    assert {case.is_valid for case in cases} == {True, False}


def test_the_python_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.js").write_text("if (a == = b) { f(); }\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(examples("README.md", "python")[0], names)
    assert names["fixed"] == "let x = 1; f(x);"
    assert (tmp_path / "src" / "a.js").read_text("utf-8") == "if (a === b) { f(); }\n"


@pytest.mark.parametrize("document", ["README.md", "docs/output-formats.md"])
def test_every_output_format_is_documented(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert [name for name in FORMATS if not re.search(rf"(?<![\w-]){name}(?![\w-])", text)] == []


def anchors(document: Path) -> set[str]:
    """What a link may name in a page: its headings, as GitHub and GitLab spell them."""
    headings = re.findall(r"(?m)^#+ (.*)$", document.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_and_heading_that_the_documentation_links_to_exists() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("github-action/*.md")]
    links = [
        (document.parent / target if target else document, heading)
        for document in documents
        for target, _, heading in re.findall(r"\]\((?!https?:)([^)#]*)(#([^)]+))?\)", document.read_text("utf-8"))
    ]
    assert len(links) > 30
    assert [str(page) for page, _ in links if not page.exists()] == []
    assert [(str(page), heading) for page, heading in links if heading and heading not in anchors(page)] == []


def test_the_affinities_that_the_documentation_shows_are_those_of_the_router() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", (ROOT / "docs/models.md").read_text("utf-8"))
    assert {TaskType(task): tuple(re.findall(r"\w+", names)) for task, names in rows} == AFFINITY


def test_the_architecture_that_the_documentation_adds_answers() -> None:
    names: dict[str, Any] = {}
    exec(examples("docs/models.md", "python")[0], names)
    file = SourceFile("a.js", b"f()\n", "javascript")
    response = names["orchestrator"].handle(Request(TaskType.CODE_REPAIR, file, Verdict(Answer.BROKEN)))
    assert [(candidate.text, candidate.source) for candidate in response.candidates] == [(b"f();\n", "ml:semicolons")]
    assert response.decision.primary == "semicolons"
