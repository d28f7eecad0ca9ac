"""Liquid networks: who hears whom, what a step computes, and what a sequence remembers."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from thea_hook.lab.architectures.liquid import (  # noqa: E402
    CfCCell,
    CfCLayer,
    Liquid,
    LiquidConfig,
    LTCCell,
    Wiring,
    neural_circuit_policy,
)

INPUTS = 10


@pytest.fixture
def wiring() -> Wiring:
    return neural_circuit_policy(INPUTS, 19, 2)


@pytest.fixture(params=["cfc", "ltc"])
def network(request: pytest.FixtureRequest) -> Liquid:
    torch.manual_seed(0)
    return Liquid(LiquidConfig(inputs=INPUTS, cell=request.param))


# ------------------------------------------------------------------ wiring


def test_nineteen_neurons_are_two_motor_six_command_and_eleven_inter_ones(wiring: Wiring) -> None:
    assert (wiring.motor, wiring.command, wiring.inter, wiring.neurons) == (2, 6, 11, 19)


def test_synapses_run_from_inputs_to_inter_to_command_to_motor_neurons_alone(wiring: Wiring) -> None:
    motor, command, inter = slice(0, 2), slice(2, 8), slice(8, 19)
    allowed = np.zeros((19, 19), bool)
    allowed[inter, command] = allowed[command, command] = allowed[command, motor] = True
    assert not wiring.inner[~allowed].any()
    assert not wiring.sensory[:, :8].any()
    assert set(np.unique(wiring.inner)) == {-1, 0, 1}


def test_half_of_the_synapses_that_could_be_are_there(wiring: Wiring) -> None:
    motor, command, inter = slice(0, 2), slice(2, 8), slice(8, 19)
    assert (wiring.sensory != 0).sum(1).tolist() == [5] * INPUTS
    assert (wiring.inner[inter, command] != 0).sum(1).tolist() == [3] * 11
    assert (wiring.inner[command, motor] != 0).sum(0).tolist() == [3, 3]
    assert 0 < (wiring.inner[command, command] != 0).sum() <= 6  # of six draws, some of the same pair
    assert wiring.synapses == 50 + 33 + 6 + (wiring.inner[command, command] != 0).sum()


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9])
def test_no_neuron_is_left_out(sparsity: float) -> None:
    for seed in range(5):
        made = neural_circuit_policy(4, 19, 2, sparsity, seed)
        assert made.sensory[:, 8:].any(axis=0).all(), "every inter neuron hears something"
        assert made.inner[8:, 2:8].any(axis=0).all(), "and every command neuron"
        assert made.inner[2:8, :2].any(axis=1).all(), "and is heard"


def test_a_seed_is_a_wiring() -> None:
    one, same, other = (neural_circuit_policy(INPUTS, 19, 2, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.inner, same.inner)
    assert not np.array_equal(one.inner, other.inner)


def test_outputs_leave_room_for_others() -> None:
    with pytest.raises(ValueError, match="no room"):
        neural_circuit_policy(INPUTS, 4, 2)


# ------------------------------------------------------------------ cells


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def ltc_by_hand(cell: LTCCell, inputs: list[float], state: list[float], elapsed: float) -> list[float]:
    """Neuron by neuron and synapse by synapse, as the paper has it."""
    values = {name: parameter.tolist() for name, parameter in [*cell.named_parameters(), *cell.named_buffers()]}
    inputs = [
        one * gain + offset
        for one, gain, offset in zip(inputs, values["input_gain"], values["input_offset"], strict=True)
    ]
    for _ in range(cell.unfolds):
        after = []
        for neuron in range(len(state)):
            inert = values["capacitance"][neuron] * cell.unfolds / elapsed
            above = inert * state[neuron] + values["leak"][neuron] * values["resting"][neuron]
            below = inert + values["leak"][neuron]
            for prefix, sources in (("sensory_", inputs), ("", state)):
                for source, potential in enumerate(sources):
                    if values[f"{prefix}mask"][source][neuron]:
                        opened = sigmoid(
                            values[f"{prefix}sigma"][source][neuron]
                            * (potential - values[f"{prefix}mu"][source][neuron])
                        )
                        conductance = values[f"{prefix}weight"][source][neuron] * opened
                        above += conductance * values[f"{prefix}reversal"][source][neuron]
                        below += conductance
            after.append(above / below)
        state = after
    return state


def test_an_ltc_step_solves_the_equation_of_every_neuron() -> None:
    torch.manual_seed(3)
    cell = LTCCell(neural_circuit_policy(2, 4, 1), unfolds=6)
    state = [0.3, -0.2, 0.0, 0.8]
    outputs, after = cell(torch.tensor([[0.7, -1.1]]), torch.tensor([state]), 0.5)
    expected = ltc_by_hand(cell, [0.7, -1.1], state, 0.5)
    assert after[0].tolist() == pytest.approx(expected, abs=1e-5)
    assert outputs.tolist() == after[:, :1].tolist()


def test_a_cfc_step_moves_between_two_values_by_a_gate() -> None:
    torch.manual_seed(3)
    layer = CfCLayer(np.array([[1, 0], [-1, 1], [0, 1]], np.int8))
    inputs, state, elapsed = [0.5, -1.0, 2.0], [0.1, -0.4], 2.0
    answer = layer(torch.tensor([inputs]), torch.tensor([state]), elapsed)[0].tolist()
    weight, bias = layer.maps.weight.tolist(), layer.maps.bias.tolist()
    heard = {0: (0, 1, 3, 4), 1: (1, 2, 3, 4)}  # the inputs with a synapse, and the layer itself
    for neuron in (0, 1):
        values = [*inputs, *state]

        def mapped(part: int, sources: tuple[int, ...], neuron: int = neuron, values: list[float] = values) -> float:
            row = 2 * part + neuron
            return bias[row] + sum(weight[row][source] * values[source] for source in sources)

        gate = sigmoid(mapped(2, (0, 1, 2, 3, 4)) * elapsed + mapped(3, (0, 1, 2, 3, 4)))
        first, second = (math.tanh(mapped(part, heard[neuron])) for part in (0, 1))
        assert answer[neuron] == pytest.approx(first * (1 - gate) + second * gate, abs=1e-6)


def test_an_ltc_neuron_hears_of_an_input_only_through_a_synapse(wiring: Wiring) -> None:
    inputs = torch.zeros(1, INPUTS, requires_grad=True)
    _, state = LTCCell(wiring, unfolds=1)(inputs, torch.zeros(1, 19))
    for neuron in range(19):
        (gradient,) = torch.autograd.grad(state[0, neuron], inputs, retain_graph=True)
        assert (gradient[0] != 0).tolist() == (wiring.sensory[:, neuron] != 0).tolist()


def test_constraints_put_conductances_back_into_their_range() -> None:
    network = Liquid(LiquidConfig(inputs=INPUTS, cell="ltc"))
    cell = network.cell
    assert isinstance(cell, LTCCell)
    positive = (cell.weight, cell.sensory_weight, cell.capacitance, cell.leak)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter -= 1.5
    sigma = cell.sigma.clone()
    network.constrain()
    assert all((parameter >= 0).all() for parameter in positive)
    assert torch.equal(cell.sigma, sigma)
    assert (cell.resting < 0).any()


# ------------------------------------------------------------------ networks


def test_gradients_reach_every_weight_that_has_a_synapse(network: Liquid) -> None:
    network(torch.randn(8, 5, INPUTS)).square().sum().backward()
    wiring = network.config.wiring()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        expected = torch.ones_like(parameter, dtype=torch.bool)
        if "sensory_" in name:
            expected = torch.from_numpy(wiring.sensory != 0)
        elif parameter.shape == (19, 19):
            expected = torch.from_numpy(wiring.inner != 0)
        elif name.endswith("maps.weight"):
            expected = network.get_submodule(name.removesuffix(".maps.weight")).mask != 0
        assert not parameter.grad[~expected].any(), name
        assert (parameter.grad[expected] != 0).float().mean() > 0.9, name


def test_what_came_before_changes_the_answer_and_what_comes_after_does_not(network: Liquid) -> None:
    inputs = torch.randn(1, 6, INPUTS)
    answers = network(inputs)
    changed = inputs.clone()
    changed[:, 3] += 1.0
    others = network(changed)
    assert torch.equal(answers[:, :3], others[:, :3])
    assert not torch.allclose(answers[:, 4:], others[:, 4:], atol=1e-6)


def test_a_sequence_can_go_on_where_it_was_and_begins_anew_without_a_state(network: Liquid) -> None:
    inputs = torch.randn(2, 6, INPUTS)
    whole, last = network.run(inputs)
    first, state = network.run(inputs[:, :2])
    rest, end = network.run(inputs[:, 2:], state)
    assert torch.allclose(torch.cat((first, rest), dim=1), whole, atol=1e-6)
    assert torch.allclose(end, last, atol=1e-6)
    assert torch.equal(network(inputs), whole)
    assert not torch.allclose(network(inputs[:, 2:]), rest, atol=1e-6)


def test_it_learns_what_only_a_memory_can_tell(network: Liquid) -> None:
    """Whether the first input of a sequence was high, asked at its end."""
    torch.manual_seed(1)
    inputs = torch.randn(256, 4, INPUTS)
    answers = (inputs[:, 0, 0] > 0).long()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(120):
        loss = torch.nn.functional.cross_entropy(network(inputs)[:, -1], answers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        network.constrain()
    assert (network(inputs)[:, -1].argmax(-1) == answers).float().mean() > 0.9


def test_an_unknown_cell_is_named() -> None:
    with pytest.raises(ValueError, match="cfc, ltc, not 'gru'"):
        Liquid(LiquidConfig(inputs=INPUTS, cell="gru"))


# ------------------------------------------------------------------ the reference implementation


@pytest.fixture
def published() -> object:
    """The wiring of ncps for the same numbers; it is drawn when the first cell is made of it."""
    return pytest.importorskip("ncps.wirings", reason="compares with ncps 1.0.1 where that is installed").AutoNCP(19, 2)


def test_the_wiring_is_the_published_one(wiring: Wiring, published: object) -> None:
    published.build(INPUTS)  # type: ignore[attr-defined]
    assert np.array_equal(wiring.sensory, published.sensory_adjacency_matrix)  # type: ignore[attr-defined]
    assert np.array_equal(wiring.inner, published.adjacency_matrix)  # type: ignore[attr-defined]


def sequence(step: object, inputs: Tensor, elapsed: float = 0.7) -> Tensor:
    state, outputs = torch.zeros(len(inputs), 19), []
    for one in inputs.unbind(1):
        output, state = step(one, state, elapsed)  # type: ignore[operator]
        outputs.append(output)
    return torch.stack(outputs, 1)


def test_the_ltc_cell_computes_what_the_published_one_does(wiring: Wiring, published: object) -> None:
    from ncps.torch import LTCCell as Published

    theirs, ours = Published(published, INPUTS, output_mapping=None), LTCCell(wiring, unfolds=6)
    renamed = {
        "gleak": "leak", "vleak": "resting", "cm": "capacitance", "w": "weight", "erev": "reversal", "sigma": "sigma",
        "mu": "mu", "sensory_w": "sensory_weight", "sensory_erev": "sensory_reversal", "sensory_sigma": "sensory_sigma",
        "sensory_mu": "sensory_mu", "input_w": "input_gain", "input_b": "input_offset",
    }  # fmt: skip
    state = theirs.state_dict()
    ours.load_state_dict({name: state[key] for key, name in renamed.items()})
    inputs = torch.randn(3, 5, INPUTS)
    assert torch.allclose(sequence(theirs, inputs), sequence(ours, inputs), atol=1e-6)


def test_the_cfc_cell_computes_what_the_published_one_does(wiring: Wiring, published: object) -> None:
    from ncps.torch import WiredCfCCell as Published

    theirs, ours = Published(INPUTS, published), CfCCell(wiring)
    parts = ("ff1", "ff2", "time_a", "time_b")
    for number, layer in enumerate(ours.layers):
        of_layer = getattr(theirs, f"layer_{number}")
        for name in ("weight", "bias"):
            joined = torch.cat([getattr(getattr(of_layer, part), name) for part in parts])
            getattr(layer.maps, name).data = joined.detach()
    inputs = torch.randn(3, 5, INPUTS)
    assert torch.allclose(sequence(theirs, inputs), sequence(ours, inputs), atol=1e-6)
