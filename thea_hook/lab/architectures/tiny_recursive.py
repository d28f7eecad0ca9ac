"""Tiny Recursive Model: a small network that reads a text once and improves its answer again and again.

The answer is the whole set of edits that mends a window, where a tagger says only a next one: for each lexeme whether
it is edited, and with which tag. One stack of blocks, the core f, does both updates: ``inner`` times that of the
scratch state, z <- f(x + y + z), then that of the answer's, y <- f(y + z). This is an iteration, and a head says when
the answer is right and no more are needed. After "Less is More: Recursive Reasoning with Tiny Networks"
(Jolicoeur-Martineau, 2025).

Letters: b batch, l lexemes or cells of a grid, d width, t tags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.mixers import FAR_BELOW, LETTERS, MIXERS, Attention, MixerConfig, SwiGLU
from thea_hook.lab.architectures.tagger import Tagger, TaggerConfig, stream

ALONG_LINES, ALONG_COLUMNS = "h", "v"
"""Letters of the core for attention on a grid: horizontally, along each line, and vertically, along each column."""

_FIRST_SHARE = 0.3
"""How loud a block of the core begins beside its input: an answer is to begin near what the encoder says."""


@dataclass(frozen=True)
class RecursiveConfig(TaggerConfig):
    """The shape of an encoder, which has the fields of a tagger, and of the core; ``layers`` may be empty.

    With ``lines`` the lexemes lie on a grid of so many lines of ``columns`` cells. ``cycles`` iterations belong to one
    step of training, and only the last of them has gradients; ``supervised`` such steps follow one another on a batch.
    ``part`` is empty, or one of ``PARTS``, for a network that is only that.
    """

    layers: str = "cccccc"
    core: str = "ca"
    core_dilations: tuple[int, ...] = (1,)
    core_multiple: float = 2.0
    inner: int = 2
    cycles: int = 3
    supervised: int = 3
    lines: int = 0
    columns: int = 0
    norm: str = "layer"
    part: str = ""

    def __post_init__(self) -> None:
        if self.norm not in _NORMS:
            raise ValueError(f"there is no norm {self.norm!r}, but {', '.join(_NORMS)}")

    def core_mixers(self) -> list[nn.Module]:
        """The mixer of each layer of the core, new."""
        return [self._core_mixer(letter, number) for number, letter in enumerate(self.core)]

    def _core_mixer(self, letter: str, number: int) -> nn.Module:
        dilation = self.core_dilations[number % len(self.core_dilations)]
        shape = MixerConfig(self.dim, self.kernel, dilation, self.head_dim, self.length, self.filter_order)
        if letter in (ALONG_LINES, ALONG_COLUMNS):
            return AxialAttention(shape, self.lines, self.columns, is_along_lines=letter == ALONG_LINES)
        if letter not in LETTERS:
            raise ValueError(f"no mixer of a core has the letter {letter!r}")
        return MIXERS[LETTERS[letter]](shape)


class Answer(NamedTuple):
    """Logits: ``edit`` [b, l] that a lexeme is edited, ``tag`` [b, l, t] how, ``halt`` [b] that all of it is right."""

    edit: Tensor
    tag: Tensor
    halt: Tensor


class State(NamedTuple):
    """What an iteration reads and writes [b, l, d]: the answer's state ``y`` and the scratch state ``z``."""

    y: Tensor
    z: Tensor

    def detached(self) -> State:
        return State(self.y.detach(), self.z.detach())


class TinyRecursive(nn.Module):
    """From features [b, l, columns], those of the tagger, to the answer after some iterations."""

    first_z: Tensor

    def __init__(self, config: RecursiveConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = _Encoder(config)
        self.core = nn.ModuleList(_Block(mixer, config) for mixer in config.core_mixers())
        self.edit = nn.Linear(config.dim, 1)
        self.tag = nn.Linear(config.dim, config.tags)
        self.halt = nn.Linear(config.dim + 1, 1)
        self.register_buffer("first_z", torch.randn(config.dim))
        self._begin_as_its_own_judge()

    def forward(self, features: Tensor, iterations: int = 1) -> tuple[Tensor, Tensor]:
        """Logits of edits and tags after so many iterations; after none, what the encoder alone says."""
        x, real = self.encode(features)
        state = self.start(x, real)
        for _ in range(iterations):
            state = self.iterate(x, state, real)
        edit, tag, _ = self.answer(state.y, real)
        return edit, tag

    def encode(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What is known of every lexeme [b, l, d], zero at padding, and 1 where there is a lexeme [b, l]."""
        hidden, real = self.encoder(features)
        return _NORMS[self.config.norm](hidden), real

    def start(self, x: Tensor, real: Tensor) -> State:
        return State(x, self.first_z.to(x.dtype) * real.unsqueeze(-1).to(x.dtype))

    def iterate(self, x: Tensor, state: State, real: Tensor) -> State:
        """One iteration: ``inner`` updates of the scratch state, then one of the answer's."""
        y, z = state
        for _ in range(self.config.inner):
            z = self._f(x + y + z, real)
        return State(self._f(y + z, real), z)

    def cycle(self, x: Tensor, state: State, real: Tensor, cycles: int) -> State:
        """So many iterations, of which only the last one has gradients."""
        with torch.no_grad():
            for _ in range(cycles - 1):
                state = self.iterate(x, state, real)
        return self.iterate(x, state, real)

    def answer(self, y: Tensor, real: Tensor) -> Answer:
        absent = (1 - real) * FAR_BELOW
        edit, tag = self.edit(y).squeeze(-1).float() + absent, self.tag(y)
        summary = (y + absent.unsqueeze(-1)).amax(dim=1).float()
        own = logit_of_likelihood(likelihood(edit, tag, real)).detach().unsqueeze(-1)
        halt = self.halt(torch.cat((summary, own), dim=-1)).squeeze(-1)
        return Answer(edit, tag, halt)

    def _f(self, hidden: Tensor, real: Tensor) -> Tensor:
        for block in self.core:
            hidden = block(hidden, real)
        return hidden

    def _begin_as_its_own_judge(self) -> None:
        """Before training, an answer counts as right with the probability that it gives itself."""
        with torch.no_grad():
            self.halt.weight.zero_()
            self.halt.weight[0, -1] = 1.0
            self.halt.bias.zero_()

    def begin_with(self, tagger: Tagger) -> None:
        """Take over what a trained tagger of the same shape knows: all of its layers and both of its heads.

        The norm of a tagger has weights, and this one has none: they go into the heads.
        """
        own = self.encoder.state_dict()
        self.encoder.load_state_dict({name: value for name, value in tagger.state_dict().items() if name in own})
        with torch.no_grad():
            for head, other in ((self.edit, tagger.position), (self.tag, tagger.tag)):
                head.weight.copy_(other.weight * tagger.norm.weight)
                head.bias.copy_(other.bias)


class RecursiveEncoder(TinyRecursive):
    """What runs once for a window: from its features to ``x``, where ``y`` begins too, and the first ``z``."""

    def __init__(self, config: RecursiveConfig) -> None:
        super().__init__(config)
        del self.core, self.edit, self.tag, self.halt

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        x, real = self.encode(features)
        return x, self.start(x, real).z


class RecursiveIteration(TinyRecursive):
    """What runs again and again: from ``x``, ``y`` and ``z`` to the next ``y`` and ``z``, and the answer by then."""

    def __init__(self, config: RecursiveConfig) -> None:
        super().__init__(config)
        del self.encoder, self.first_z

    def forward(self, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:  # type: ignore[override]
        real = (x.abs().amax(-1) > 0).to(x.dtype)  # padding is zero, and nothing else after a norm
        state = self.iterate(x, State(y, z), real)
        return (*state, *self.answer(state.y, real))


PARTS: dict[str, type[TinyRecursive]] = {"encoder": RecursiveEncoder, "iteration": RecursiveIteration}
"""The two networks that a host runs, since it decides itself how often it iterates."""


def recursive(config: RecursiveConfig) -> TinyRecursive:
    """The network of a configuration, or the part of it that the configuration names."""
    return (PARTS[config.part] if config.part else TinyRecursive)(config)


def part_of(network: TinyRecursive, name: str) -> TinyRecursive:
    """A part of a network, with a copy of its weights."""
    part = recursive(replace(network.config, part=name))
    own = part.state_dict()
    part.load_state_dict({name: value for name, value in network.state_dict().items() if name in own})
    return part.eval()


def likelihood(edit: Tensor, tag: Tensor, real: Tensor) -> Tensor:
    """The log-probability [b] of the answer itself: of leaving each lexeme or editing it with its likeliest tag."""
    decided = -functional.softplus(-edit.abs())
    best = tag.amax(-1).float() - tag.logsumexp(-1).float()
    chosen = torch.where(edit > 0, best, torch.zeros_like(best))
    return ((decided + chosen) * real).sum(-1)


def logit_of_likelihood(log_probability: Tensor) -> Tensor:
    """log(p / (1 - p)) of p = exp(``log_probability``)."""
    value = log_probability.clamp(-30.0, -1e-4)
    return value - torch.log(-torch.expm1(value))


class _Encoder(nn.Module):
    """A tagger without its heads: its embedding and its blocks, in the layout of its checkpoints."""

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        whole = Tagger(config)
        self.embedding, self.blocks = whole.embedding, whole.blocks

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return stream(self.embedding, self.blocks, features)


class _Block(nn.Module):
    """A mixer and an MLP, each added to the stream and the sum normed; no weights in the norms, and no biases."""

    def __init__(self, mixer: nn.Module, config: RecursiveConfig) -> None:
        super().__init__()
        self.norm = _NORMS[config.norm]
        self.mixer = mixer
        self.mlp = SwiGLU(config.dim, config.core_multiple)
        for name, parameter in self.named_parameters():
            if name.endswith(("out_proj.weight", "down.weight")):
                parameter.data.mul_(_FIRST_SHARE)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        x = self.norm(x + self.mixer(x, real))
        return self.norm(x + self.mlp(x))


def _layer_norm(x: Tensor) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:])


def _rms_norm(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-5).to(x.dtype)


_NORMS: dict[str, Callable[[Tensor], Tensor]] = {"layer": _layer_norm, "rms": _rms_norm}


class AxialAttention(nn.Module):
    """Attention along one axis of a grid: among the cells of each line, or of each column.

    A text with fewer lexemes than the grid has cells fills the first of them.
    """

    def __init__(self, config: MixerConfig, lines: int, columns: int, *, is_along_lines: bool) -> None:
        super().__init__()
        if not (lines and columns):
            raise ValueError("attention along an axis needs a grid: lines and columns")
        self.lines, self.columns, self.is_along_lines = lines, columns, is_along_lines
        self.attention = Attention(config)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        batch, length, dim = x.shape
        rest = self.lines * self.columns - length
        grid = functional.pad(x, (0, 0, 0, rest)).view(batch, self.lines, self.columns, dim)
        there = functional.pad(real, (0, rest)).view(batch, self.lines, self.columns)
        if not self.is_along_lines:
            grid, there = grid.transpose(1, 2), there.transpose(1, 2)
        mixed: Tensor = self.attention(grid.flatten(0, 1), there.flatten(0, 1)).view(grid.shape)
        return (mixed if self.is_along_lines else mixed.transpose(1, 2)).reshape(batch, -1, dim)[:, :length]
