"""Which fixes of no-useless-escape are proven, and which are only shown."""

from __future__ import annotations

import pytest

from thea_hook.core.finding import Applicability
from thea_hook.ruleset.cases import Case
from thea_hook.ruleset.loader import load


@pytest.mark.parametrize(
    ("code", "grade"),
    [
        (r"x = 'say \"hi'", Applicability.SAFE),
        (r"x = `it\'s`", Applicability.SAFE),
        (r"x = /a\-b/", Applicability.SAFE),
        (r"x = /[\.]/", Applicability.SAFE),
        (r"x = /a{1\,2}/", Applicability.DISPLAY),
        (r"x = '\d'", Applicability.DISPLAY),
        (r"'use \"strict'", Applicability.DISPLAY),
    ],
)
def test_a_backslash_goes_unasked_only_where_nothing_else_can_have_been_meant(code: str, grade: Applicability) -> None:
    case = Case(load()["no-useless-escape"], code, "javascript", is_valid=False)
    (finding,) = case.findings(code)
    assert finding.fix is not None
    assert finding.fix.applicability == grade
