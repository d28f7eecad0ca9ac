from __future__ import annotations

import io
import json

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from thea_hook.errors import ModelError  # noqa: E402
from thea_hook.lab.architectures.registry import ARCHITECTURES, build  # noqa: E402

pytestmark = pytest.mark.parametrize("name", ARCHITECTURES)
LENGTH = 21


def outputs_of(network: nn.Module, features: Tensor) -> tuple[Tensor, ...]:
    outputs = network(features)
    return outputs if isinstance(outputs, tuple) else (outputs,)


def small(name: str) -> tuple[nn.Module, Tensor]:
    torch.manual_seed(0)
    architecture = ARCHITECTURES[name]
    return architecture.build(architecture.small), architecture.small.example(2, LENGTH)


def test_every_output_has_a_row_for_each_position_and_no_nan(name: str) -> None:
    network, features = small(name)
    for output in outputs_of(network, features):
        assert output.shape[0] == 2
        assert output.shape[1] in (LENGTH, LENGTH + 1)
        assert output.isfinite().all()


def test_the_full_shape_keeps_to_its_budget(name: str) -> None:
    architecture = ARCHITECTURES[name]
    with torch.device("meta"):
        network = architecture.build(architecture.full)
    assert sum(parameter.numel() for parameter in network.parameters()) <= architecture.budget


def test_it_learns_one_batch_by_heart(name: str) -> None:
    network, features = small(name)
    targets = [torch.randint(output.shape[-1] - 1, output.shape[:-1]) for output in outputs_of(network, features)]
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        pairs = zip(outputs_of(network, features), targets, strict=True)
        loss = torch.stack(
            [functional.cross_entropy(logits.flatten(0, -2), at.flatten()) for logits, at in pairs]
        ).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


def test_mixed_precision_gives_nearly_the_same_answers(name: str) -> None:
    network, features = small(name)
    network.eval()
    with torch.no_grad():
        exact = outputs_of(network, features)
        with torch.autocast("cpu", torch.bfloat16):
            mixed = outputs_of(network, features)
    for one, other in zip(exact, mixed, strict=True):
        assert (one - other).abs().max() < 0.1 * one[one.abs() < 1e3].std()


@pytest.mark.filterwarnings("ignore")
def test_onnx_gives_the_same_numbers_at_other_lengths_too(name: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    if not ARCHITECTURES[name].exported:
        pytest.skip("takes one step after the other, which no graph does for any length")
    network, features = small(name)
    network.eval()
    program = torch.onnx.export(
        network, (features,), dynamo=True, dynamic_shapes=({0: "batch", 1: "length"},), verbose=False
    )
    file = io.BytesIO()
    program.save(file)
    session = runtime.InferenceSession(file.getvalue())
    operators = {node.op_type for node in program.model_proto.graph.node}
    assert not operators & {"DFT", "Loop", "Scan"}
    for batch, length in ((2, LENGTH), (1, 9), (3, 32)):
        features = ARCHITECTURES[name].small.example(batch, length)
        answers = session.run(None, {session.get_inputs()[0].name: features.numpy()})
        with torch.no_grad():
            expected = outputs_of(network, features)
        for answer, output in zip(answers, expected, strict=True):
            assert abs(answer - output.numpy()).max() <= 1e-4


def test_a_network_is_built_again_from_its_configuration_as_json(name: str) -> None:
    network, features = small(name)
    fields = json.loads(json.dumps(ARCHITECTURES[name].small.to_dict()))
    again = build(name, fields)
    again.load_state_dict(network.state_dict())
    for one, other in zip(outputs_of(network, features), outputs_of(again, features), strict=True):
        assert torch.equal(one, other)


def test_a_configuration_of_something_else_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=name):
        build(name, {"wheels": 4})
    with pytest.raises(ModelError, match="no architecture"):
        build(f"{name}-of-tomorrow", {})
