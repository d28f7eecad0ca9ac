"""The tagger: where a broken text is wrong, and which edit mends it there.

Letters: b batch, l lexemes, d width, t tags.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.mixers import FAR_BELOW, LETTERS, MIXERS, Block, MixerConfig

PADDING = 0
"""The class, and the sub-token, that say nothing is there."""

Rows = tuple[Tensor, Tensor]
"""Indices of texts and of lexemes in them, of one length."""


@dataclass(frozen=True)
class TaggerConfig(Configuration):
    """The shape of a tagger. ``layers`` has a letter of ``mixers.LETTERS`` for each layer, such as ``"ccacca"``.

    ``dilations`` are those of the convolutions in their order, from the first again where there are more of these.
    ``length`` is the longest text that a model with Monarch layers takes; the others take any.
    """

    classes: int
    tags: int
    features: tuple[int, ...] = ()
    subtokens: int = 8192
    subtoken_slots: int = 4
    dim: int = 192
    layers: str = "ccacca"
    kernel: int = 9
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    head_dim: int = 64
    length: int = 512
    filter_order: int = 32
    multiple: float = 2.0
    mlp_blocks: int = 1
    dropout: float = 0.0

    def example(self, batch: int, length: int) -> Tensor:
        """Features of the right shape that mean nothing [batch, length, columns]."""
        sizes = (self.classes, *[self.subtokens] * self.subtoken_slots, *self.features)
        columns = [torch.randint(int(index == 0), size, (batch, length)) for index, size in enumerate(sizes)]
        return torch.stack(columns, dim=-1)

    def mixers(self) -> list[nn.Module]:
        """The mixer of each layer, new."""
        unknown = set(self.layers) - set(LETTERS)
        if unknown:
            raise ValueError(f"no mixer has the letter {min(unknown)!r}; there are {LETTERS}")
        mixers = []
        convolutions = 0
        for letter in self.layers:
            dilation = self.dilations[convolutions % len(self.dilations)]
            convolutions += letter == "c"
            shape = MixerConfig(self.dim, self.kernel, dilation, self.head_dim, self.length, self.filter_order)
            mixers.append(MIXERS[LETTERS[letter]](shape))
        return mixers


class Tagger(nn.Module):
    """From features [b, l, 1 + slots + further] to ``position`` logits [b, l + 1] and ``tag`` logits [b, l, t].

    Column 0 is the class of the lexeme, 0 for padding; then come its sub-tokens, 0 for none, and the further features.
    The last position logit speaks for "nothing is wrong".
    """

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = ColumnEmbedding(config)
        self.blocks = nn.ModuleList(
            Block(mixer, config.dim, config.multiple, config.mlp_blocks, config.dropout) for mixer in config.mixers()
        )
        self.norm = nn.LayerNorm(config.dim, bias=False)
        self.position = nn.Linear(config.dim, 1)
        self.nothing = nn.Linear(config.dim, 1)
        self.tag = nn.Linear(config.dim, config.tags)
        for name, parameter in self.named_parameters():  # a deep stream begins no louder than a shallow one
            if name.endswith(("out_proj.weight", "out_linear.weight", "down.weight")):
                parameter.data.mul_((2 * len(self.blocks)) ** -0.5)

    def forward(self, features: Tensor, rows: Rows | None = None) -> tuple[Tensor, Tensor]:
        """Logits of positions and tags; with ``rows``, tags [n, t] of these lexemes alone, to train faster."""
        hidden, real = self.encode(features)
        tags = self.tag(hidden) if rows is None else self.tags_at(hidden, *rows)
        return self.positions(hidden, real), tags

    def encode(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The hidden state of every lexeme [b, l, d], zero at padding, and 1 where there is a lexeme [b, l]."""
        x, real = stream(self.embedding, self.blocks, features)
        return self.norm(x), real

    def positions(self, hidden: Tensor, real: Tensor) -> Tensor:
        """How wrong each lexeme looks, and last how much speaks for nothing being wrong; padding is out of the race."""
        absent = (1 - real) * FAR_BELOW
        summary = (hidden + absent.unsqueeze(-1)).amax(dim=1)
        return torch.cat((self.position(hidden).squeeze(-1) + absent, self.nothing(summary)), dim=1)

    def tags_at(self, hidden: Tensor, texts: Tensor, lexemes: Tensor) -> Tensor:
        """Logits [n, t] of the tags at chosen lexemes of chosen texts."""
        tags: Tensor = self.tag(hidden[texts, lexemes])
        return tags


def stream(embedding: nn.Module, blocks: Iterable[nn.Module], features: Tensor) -> tuple[Tensor, Tensor]:
    """What the blocks make of the lexemes [b, l, d], before any norm, and 1 where there is a lexeme [b, l]."""
    x = embedding(features)
    real = (features[:, :, 0] != PADDING).to(x.dtype)
    x = x * real.unsqueeze(-1)
    for block in blocks:
        x = block(x, real)
    return x, real


class ColumnEmbedding(nn.Module):
    """The sum of what each column of the features says [b, l, d].

    All columns share one table, each with rows of its own (the sub-token columns with the same): one bag of all the
    columns trains four times faster than a look-up for each.
    """

    first_rows: Tensor

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        slots = config.subtoken_slots
        sizes = (config.classes, *config.features)
        starts = [config.subtokens]
        for size in sizes:
            starts.append(starts[-1] + size)
        self.register_buffer("first_rows", torch.tensor([starts[0], *[0] * slots, *starts[1:-1]]), persistent=False)
        self.table = nn.Parameter(torch.randn(starts[-1], config.dim) * 0.5 * len(sizes) ** -0.5)
        self.table.data[PADDING] = 0.0  # the first sub-token; stays zero, as padding_idx keeps gradients from it

    def forward(self, features: Tensor) -> Tensor:
        rows = features + self.first_rows
        if torch.compiler.is_compiling():
            return functional.embedding(rows, self.table).sum(dim=2)  # ONNX has no bag
        sums = functional.embedding_bag(rows.flatten(0, 1), self.table, mode="sum", padding_idx=PADDING)
        return sums.view(*features.shape[:2], -1)
