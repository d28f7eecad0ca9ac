from __future__ import annotations

from thea_exporters.coreml import supported_operators, unsupported_operators

from thea_hook.ml.manifest import Model


def test_the_list_of_the_installed_runtime_is_read() -> None:
    assert {"MatMul", "LayerNormalization", "Softmax", "ArgMax", "Gemm", "QuickGelu"} <= supported_operators()
    assert not {"MatMulInteger", "Operator", "--------"} & supported_operators()


def test_coreml_runs_all_of_a_tagger_but_its_look_ups_and_masks(exact: Model) -> None:
    assert set(unsupported_operators(exact.network.path)) <= {"Gather", "Equal", "Not", "Range"}


def test_coreml_has_no_integer_products(small: Model) -> None:
    assert unsupported_operators(small.network.path)["DynamicQuantizeMatMul"] > 0
