"""Every rule, on the cases of its own file."""

from __future__ import annotations

import pytest

from thea_hook.languages.grammars import parse
from thea_hook.ruleset.cases import Case, all_cases

CASES = list(all_cases())


@pytest.mark.parametrize("case", [case for case in CASES if case.is_valid], ids=str)
def test_valid_code_is_left_alone(case: Case) -> None:
    # the syntax rules must also leave alone what only tree-sitter cannot read
    parses = not parse(case.source(case.code).text, case.language).root_node.has_error
    assert parses or case.rule.category == "syntax", "the case itself does not parse"
    assert [finding.message for finding in case.findings(case.code)] == []


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_valid], ids=str)
def test_invalid_code_is_found(case: Case) -> None:
    found = case.findings(case.code)
    assert len(found) == case.errors, [finding.message for finding in found]


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_valid and case.fixed is not None], ids=str)
def test_a_fix_gives_the_expected_code_and_leaves_nothing_for_its_own_rule(case: Case) -> None:
    fixed = case.fix()
    assert fixed == case.fixed
    assert not parse(case.source(fixed).text, case.language).root_node.has_error
    assert [finding for finding in case.findings(fixed) if finding.fix is not None] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.grade], ids=str)
def test_a_fix_has_the_grade_that_its_case_says(case: Case) -> None:
    fixes = [finding.fix for finding in case.findings(case.code) if finding.fix is not None]
    assert {fix.applicability.name.lower() for fix in fixes} == {case.grade}


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_valid and case.fixed is None], ids=str)
def test_a_case_without_fixed_code_has_no_fix(case: Case) -> None:
    assert case.fix() == case.code
