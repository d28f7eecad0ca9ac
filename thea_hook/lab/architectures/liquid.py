"""Liquid networks: a few neurons with a state, wired as a Neural Circuit Policy.

Letters: b batch, l length, f inputs, n neurons, h neurons of a layer, o outputs.

Papers: wiring doi 10.1038/s42256-020-00237-3, LTC cell arXiv 2006.04439, CfC cell arXiv 2106.13898. Both cells, the
initial values and the wiring of a seed are those of the reference implementation (`ncps`), as a test shows where that
is installed. A network is strictly sequential: it takes one input after the other and carries its state along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.config import Configuration

_SMALL = 1e-8
"""Keeps an LTC neuron with no conductance at all from dividing by zero."""


# ------------------------------------------------------------------ wiring

Polarities = NDArray[np.int8]
"""From a neuron (row) to a neuron (column): 1 excites, -1 inhibits, 0 is no synapse."""


class Wiring(NamedTuple):
    """Who hears whom. Neurons are numbered motor first, then command, then inter.

    Inputs reach inter neurons, these command neurons, and these each other and the motor neurons, which are the output.
    """

    motor: int
    command: int
    inter: int
    sensory: Polarities  # [f, n]
    inner: Polarities  # [n, n]

    @property
    def neurons(self) -> int:
        return self.motor + self.command + self.inter

    @property
    def synapses(self) -> int:
        return int(np.count_nonzero(self.sensory) + np.count_nonzero(self.inner))


def neural_circuit_policy(inputs: int, neurons: int, outputs: int, sparsity: float = 0.5, seed: int = 22222) -> Wiring:
    """The wiring of a seed; of the neurons that are no output, two fifths are command neurons."""
    if not 0 < outputs < neurons - 2:
        raise ValueError(f"{neurons} neurons leave no room for {outputs} outputs: there must be more than two others")
    density = 1 - sparsity
    command = max(int(0.4 * (neurons - outputs)), 1)
    inter = neurons - outputs - command
    motors, commands, inters = np.split(np.arange(neurons), [outputs, outputs + command])
    sensory, inner = np.zeros((inputs, neurons), np.int8), np.zeros((neurons, neurons), np.int8)
    chance = np.random.RandomState(seed)  # whose draws numpy keeps the same for good
    _connect(sensory, np.arange(inputs), inters, max(int(inter * density), 1), chance)
    _connect(inner, inters, commands, max(int(command * density), 1), chance)
    for _ in range(max(int(command * density * 2), 1)):
        source, target = chance.choice(commands), chance.choice(commands)
        inner[source, target] = chance.choice([-1, 1])
    _connect(inner.T, motors, commands, max(int(command * density), 1), chance)  # each chooses whom it hears
    return Wiring(outputs, command, inter, sensory, inner)


def _connect(
    synapses: Polarities, rows: NDArray[np.int_], columns: NDArray[np.int_], degree: int, chance: np.random.RandomState
) -> None:
    """So many synapses from each row to columns, then some from rows to every column that none chose."""
    for row in rows:
        for column in chance.choice(columns, size=degree, replace=False):
            synapses[row, column] = chance.choice([-1, 1])
    mean = min(max(len(rows) * degree // len(columns), 1), len(rows))
    for column in columns[~synapses[np.ix_(rows, columns)].any(axis=0)]:
        for row in chance.choice(rows, size=mean, replace=False):
            synapses[row, column] = chance.choice([-1, 1])


# ------------------------------------------------------------------ cells


class Cell(Protocol):
    """A step of a network: the outputs [b, o] and the next state [b, n] from inputs [b, f] and the state before."""

    def __call__(self, inputs: Tensor, state: Tensor, elapsed: float = 1.0) -> tuple[Tensor, Tensor]: ...

    def constrain(self) -> None:
        """Put weights that left their range back into it: to be called after every step of an optimiser."""


class LTCCell(nn.Module):
    """Liquid time-constant neurons: a step solves their differential equation in ``unfolds`` semi-implicit Euler steps.

    The state is the potential of each neuron. A synapse has a conductance that its source opens (``weight`` times a
    sigmoid of slope ``sigma`` round ``mu``) and pulls its target towards the synapse's reversal potential.
    """

    sensory_mask: Tensor
    mask: Tensor

    def __init__(self, wiring: Wiring, unfolds: int) -> None:
        super().__init__()
        self.outputs, self.unfolds = wiring.motor, unfolds
        neurons, inputs = wiring.neurons, len(wiring.sensory)
        self.leak = _uniform(0.001, 1, neurons)
        self.resting = _uniform(-0.2, 0.2, neurons)
        self.capacitance = _uniform(0.4, 0.6, neurons)
        self.weight, self.sensory_weight = _uniform(0.001, 1, neurons, neurons), _uniform(0.001, 1, inputs, neurons)
        self.sigma, self.sensory_sigma = _uniform(3, 8, neurons, neurons), _uniform(3, 8, inputs, neurons)
        self.mu, self.sensory_mu = _uniform(0.3, 0.8, neurons, neurons), _uniform(0.3, 0.8, inputs, neurons)
        inner, sensory = (torch.tensor(each, dtype=torch.float32) for each in (wiring.inner, wiring.sensory))
        self.reversal, self.sensory_reversal = nn.Parameter(inner), nn.Parameter(sensory)
        self.register_buffer("mask", inner.abs(), persistent=False)
        self.register_buffer("sensory_mask", sensory.abs(), persistent=False)
        self.input_gain, self.input_offset = nn.Parameter(torch.ones(inputs)), nn.Parameter(torch.zeros(inputs))

    def forward(self, inputs: Tensor, state: Tensor, elapsed: float = 1.0) -> tuple[Tensor, Tensor]:
        inputs = inputs * self.input_gain + self.input_offset
        sensory = _conductance(inputs, self.sensory_weight * self.sensory_mask, self.sensory_sigma, self.sensory_mu)
        driven, open_ = (sensory * self.sensory_reversal).sum(1), sensory.sum(1)  # by inputs, the same all along
        inert = self.capacitance / (elapsed / self.unfolds)
        for _ in range(self.unfolds):
            inner = _conductance(state, self.weight * self.mask, self.sigma, self.mu)
            pull = inert * state + self.leak * self.resting + (inner * self.reversal).sum(1) + driven
            state = pull / (inert + self.leak + inner.sum(1) + open_ + _SMALL)
        return state[:, : self.outputs], state

    @torch.no_grad()
    def constrain(self) -> None:
        """Capacitances and conductances are not negative: otherwise an equation has no stable solution."""
        for parameter in (self.weight, self.sensory_weight, self.capacitance, self.leak):
            parameter.clamp_(min=0)


def _conductance(source: Tensor, weight: Tensor, sigma: Tensor, mu: Tensor) -> Tensor:
    """How open every synapse is [b, sources, targets]."""
    return weight * torch.sigmoid(sigma * (source.unsqueeze(-1) - mu))


def _uniform(low: float, high: float, *shape: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(low, high))


class CfCCell(nn.Module):
    """Closed-form continuous-time neurons: what the equation comes to, without solving it.

    Inter, command and motor neurons are a layer each, which hears the one before and itself; the state is theirs in
    this order.
    """

    def __init__(self, wiring: Wiring) -> None:
        super().__init__()
        motors, commands, inters = np.split(np.arange(wiring.neurons), [wiring.motor, wiring.motor + wiring.command])
        self.inter = CfCLayer(wiring.sensory[:, inters])
        self.command = CfCLayer(wiring.inner[np.ix_(inters, commands)])
        self.motor = CfCLayer(wiring.inner[np.ix_(commands, motors)])
        self.sizes = (wiring.inter, wiring.command, wiring.motor)

    @property
    def layers(self) -> tuple[CfCLayer, ...]:
        """In the order in which a step goes through them."""
        return self.inter, self.command, self.motor

    def forward(self, inputs: Tensor, state: Tensor, elapsed: float = 1.0) -> tuple[Tensor, Tensor]:
        states = []
        for layer, before in zip(self.layers, state.split_with_sizes(self.sizes, dim=1), strict=True):
            inputs = layer(inputs, before, elapsed)
            states.append(inputs)
        return inputs, torch.cat(states, dim=1)

    def constrain(self) -> None:
        """Every weight may be anything."""


class CfCLayer(nn.Module):
    """Some CfC neurons: each moves from one of its two values to the other, by a gate that time opens."""

    mask: Tensor

    def __init__(self, synapses: Polarities) -> None:
        super().__init__()
        sources, neurons = synapses.shape
        self.maps = nn.Linear(sources + neurons, 4 * neurons)  # first value, second value, pace and place of the gate
        for part in self.maps.weight.data.chunk(4):
            nn.init.xavier_uniform_(part)
        heard = torch.cat((torch.tensor(synapses != 0).T, torch.ones(neurons, neurons)), dim=1)
        self.register_buffer("mask", torch.cat((heard, heard, torch.ones(2 * neurons, sources + neurons))), False)

    @property
    def weight(self) -> Tensor:
        """What ``maps`` weighs its inputs with; without a synapse there is nothing to hear, but the gate hears all."""
        return self.maps.weight * self.mask

    def forward(self, inputs: Tensor, state: Tensor, elapsed: float) -> Tensor:
        heard = torch.cat((inputs, state), dim=1)
        first, second, pace, place = functional.linear(heard, self.weight, self.maps.bias).chunk(4, dim=1)
        gate = torch.sigmoid(pace * elapsed + place)
        return torch.tanh(first) * (1 - gate) + torch.tanh(second) * gate


# ------------------------------------------------------------------ network

CELLS = ("cfc", "ltc")


@dataclass(frozen=True)
class LiquidConfig(Configuration):
    """The shape of a liquid network. ``unfolds`` are the steps of the solver of LTC neurons."""

    inputs: int
    cell: str = "cfc"
    neurons: int = 19
    outputs: int = 2
    sparsity: float = 0.5
    seed: int = 22222
    unfolds: int = 6

    def example(self, batch: int, length: int) -> Tensor:
        """Inputs of the right shape that mean nothing [b, l, f]."""
        return torch.randn(batch, length, self.inputs)

    def wiring(self) -> Wiring:
        return neural_circuit_policy(self.inputs, self.neurons, self.outputs, self.sparsity, self.seed)


class Liquid(nn.Module):
    """From inputs [b, l, f] to logits [b, l, o], one place after the other, each with what came before it in mind."""

    def __init__(self, config: LiquidConfig) -> None:
        super().__init__()
        if config.cell not in CELLS:
            raise ValueError(f"a cell is one of {', '.join(CELLS)}, not {config.cell!r}")
        self.config = config
        wiring = config.wiring()
        self.cell: Cell = CfCCell(wiring) if config.cell == "cfc" else LTCCell(wiring, config.unfolds)
        self.gain, self.offset = nn.Parameter(torch.ones(config.outputs)), nn.Parameter(torch.zeros(config.outputs))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.run(inputs)[0]

    def run(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The logits, and the state [b, n] to go on with; without a state a sequence begins."""
        if state is None:
            state = inputs.new_zeros(len(inputs), self.config.neurons)
        outputs = []
        for step in inputs.unbind(1):
            output, state = self.cell(step, state)
            outputs.append(output)
        return torch.stack(outputs, dim=1) * self.gain + self.offset, state

    def constrain(self) -> None:
        """Put weights back into their range: to be called after every step of an optimiser."""
        self.cell.constrain()
