from __future__ import annotations

import pytest

from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.speed import Timing, _timing, report
from thea_hook.lab.evaluation.systems import Product
from thea_hook.languages import oracle


def test_the_report_has_the_difference_of_the_two_runs() -> None:
    text = report([Timing(0.1, 0.3, 0.05), Timing(0.1, 0.4, 0.06), Timing(0.1, 0.2, 0.07)])
    assert text.startswith("3 files of 250 to 350 lines")
    assert "| added by the mistake | 200 | 300 |" in text
    assert "| repair, models loaded | 60 | 70 |" in text


@pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")
def test_both_versions_are_run_by_the_command_line() -> None:
    case = Case("a/a", "a.js", "javascript", b"if (a = = b) c();\n", b"if (a == b) c();\n")
    timing = _timing(case, ["--models", "none"], Product("none"))
    assert min(timing) > 0
