from __future__ import annotations

import pytest

from thea_hook.lab.evaluation.cases import Case
from thea_hook.lab.evaluation.speed import Timing, _is_below, _timing, report
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


@pytest.mark.skipif(not oracle.available(), reason="needs the oxlint package")
def test_only_what_the_product_is_not_sure_of_counts_where_that_is_asked() -> None:
    case = Case("a/a", "a.js", "javascript", b"if (a = = b) c();\n", b"if (a == b) c();\n")
    product = Product("none")
    (outcome,) = product.repair([case.file])
    assert outcome.confidence is not None
    assert _is_below(case, 1.1, product)
    assert not _is_below(case, outcome.confidence, product)
    assert _is_below(case, min(1.0, outcome.confidence + 0.01), product) == (outcome.confidence < 1.0)
