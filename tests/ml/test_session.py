from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")
import networks
import numpy as np

from thea_hook.errors import ModelError
from thea_hook.ml.manifest import sha256
from thea_hook.ml.session import Resources, Session, choose_providers

ONE = {"x": np.ones((1, 2), np.int64)}
QUICK = Resources("cpu", 1, 0.2)


def failure(session: Session, inputs: dict[str, np.ndarray]) -> ModelError:
    with pytest.raises(ModelError) as raised:
        session.run(inputs)
    return raised.value


def test_a_session_answers_by_name(tmp_path: Path) -> None:
    session = Session(networks.write_model(tmp_path, networks.logarithm()))
    assert session.run(ONE)["y"].tolist() == [[0.0, 0.0]]


def test_the_same_session_takes_any_length(tmp_path: Path) -> None:
    session = Session(networks.write_model(tmp_path, networks.logarithm()))
    for shape in ((1, 1), (3, 500), (2, 7)):
        assert session.run({"x": np.ones(shape, np.int64)})["y"].shape == shape


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"y": np.ones((1, 2), np.int64)},
        {"x": np.ones((1, 2), np.int32)},
        {"x": np.ones((1, 2, 3), np.int64)},
        {"x": np.ones((0, 2), np.int64)},
    ],
)
def test_other_inputs_are_refused(tmp_path: Path, inputs: dict[str, np.ndarray]) -> None:
    session = Session(networks.write_model(tmp_path, networks.logarithm()))
    error = failure(session, inputs)
    assert error.reason == "input"
    assert "`x`" in str(error)


def test_answers_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    session = Session(networks.write_model(tmp_path, networks.logarithm()))
    for value in (-1, 0):  # not a number, and minus infinity
        assert failure(session, {"x": np.full((1, 2), value, np.int64)}).reason == "output"


def test_outputs_of_another_shape_are_refused(tmp_path: Path) -> None:
    outputs = {"y": {"dtype": "float32", "shape": ["batch", "length", 300]}}
    session = Session(networks.write_model(tmp_path, networks.logarithm(), outputs=outputs))
    assert failure(session, ONE).reason == "output"


def test_an_output_that_the_network_lacks_is_refused(tmp_path: Path) -> None:
    outputs = {"z": {"dtype": "float32", "shape": ["batch"]}}
    session = Session(networks.write_model(tmp_path, networks.logarithm(), outputs=outputs))
    assert failure(session, ONE).reason == "output"


def test_a_run_that_does_not_end_is_ended(tmp_path: Path) -> None:
    session = Session(networks.write_model(tmp_path, networks.endless()), resources=QUICK)
    began = time.monotonic()
    error = failure(session, ONE)
    assert error.reason == "timeout"
    assert time.monotonic() - began < 10


def test_a_session_still_answers_after_a_failure(tmp_path: Path) -> None:
    session = Session(networks.write_model(tmp_path, networks.logarithm()), resources=QUICK)
    failure(session, {"x": np.zeros((1, 2), np.int64)})
    assert session.run(ONE)["y"].shape == (1, 2)


def test_int8_products_do_not_overflow(tmp_path: Path) -> None:
    outputs = {"y": {"dtype": "float32", "shape": ["batch", 8]}}
    session = Session(networks.write_model(tmp_path, networks.int8_product(), outputs=outputs))
    found = session.run({"x": np.full((4, 64), 255, np.int64)})["y"]
    assert (found == 64 * 255 * 127).all()


def test_a_network_that_is_optimised_already_runs_as_it_is(tmp_path: Path) -> None:
    model = networks.write_model(tmp_path, networks.logarithm(), optimised=True)
    assert model.optimised
    assert Session(model).run(ONE)["y"].tolist() == [[0.0, 0.0]]


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    content = b"no network"
    network = {"file": "tiny.onnx", "bytes": len(content), "sha256": sha256(content)}
    model = networks.write_model(tmp_path, networks.logarithm(), network=network)
    model.network.path.write_bytes(content)
    with pytest.raises(ModelError, match=r"tiny\.onnx: ONNX Runtime cannot load it"):
        Session(model)


def test_nothing_is_printed(tmp_path: Path) -> None:
    networks.write_model(tmp_path, networks.logarithm())
    program = """if True:
        import sys
        import numpy as np
        from thea_hook.errors import ModelError
        from thea_hook.ml.manifest import read_manifest
        from thea_hook.ml.session import Session
        session = Session(read_manifest(sys.argv[1]).model("tiny"))
        session.run({"x": np.ones((1, 2), np.int64)})
        try:
            session._network({"x": np.ones((1, 2, 3), np.int64)})
        except ModelError:
            sys.exit(7)
    """
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


def test_an_unknown_backend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there are onnxruntime, torch") as raised:
        Session(networks.write_model(tmp_path, networks.logarithm()), "jax")
    assert raised.value.reason == "backend"


@pytest.mark.parametrize(
    "backend,module,remedy",
    [("onnxruntime", "onnxruntime", "install `onnxruntime`"), ("torch", "torch", "thea-hook[lab]")],
)
def test_a_backend_that_is_not_installed_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, module: str, remedy: str
) -> None:
    model = networks.write_model(tmp_path, networks.logarithm())
    for name in [name for name in sys.modules if name.startswith("thea_hook.lab")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError) as raised:
        Session(model, backend)
    assert raised.value.reason == "backend"
    assert remedy in str(raised.value)


CPU, CUDA, COREML = "CPUExecutionProvider", "CUDAExecutionProvider", "CoreMLExecutionProvider"


@pytest.mark.parametrize(
    "device,precision,available,chosen",
    [
        ("auto", "fp32", [CPU], [CPU]),
        ("auto", "fp32", [CUDA, CPU], [CUDA, CPU]),
        ("auto", "fp32", [CPU, COREML], [COREML, CPU]),
        ("auto", "fp32", [COREML, CUDA, CPU], [CUDA, COREML, CPU]),
        ("auto", "fp32", ["AzureExecutionProvider", CPU], [CPU]),
        ("auto", "int8", [CUDA, CPU], [CPU]),
        ("cpu", "fp32", [CUDA, CPU], [CPU]),
        ("cuda", "int8", [CUDA, CPU], [CUDA, CPU]),
        ("coreml", "fp32", [COREML, CPU], [COREML, CPU]),
    ],
)
def test_providers_follow_the_device(device: str, precision: str, available: list[str], chosen: list[str]) -> None:
    assert choose_providers(device, precision, available) == chosen


@pytest.mark.parametrize("device", ["cuda", "coreml"])
def test_a_device_that_is_not_there_is_an_error(device: str) -> None:
    with pytest.raises(ModelError, match=f"device `{device}`") as raised:
        choose_providers(device, "fp32", [CPU])
    assert raised.value.reason == "backend"


def test_a_device_that_does_not_start_is_passed_over_unless_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CUDA, CPU])
    model = networks.write_model(tmp_path, networks.logarithm())
    assert Session(model).run(ONE)["y"].shape == (1, 2)
    with pytest.raises(ModelError) as raised:
        Session(model, resources=Resources("cuda"))
    assert raised.value.reason == "backend"


def test_the_error_survives_the_way_from_a_worker() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(ModelError("too slow", "timeout")))
    assert (str(error), error.reason) == ("too slow", "timeout")
