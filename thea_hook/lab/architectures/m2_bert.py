"""M2-BERT: the published encoder of Monarch Mixer layers, in the layout that its checkpoints have.

The defaults are those of M2-BERT-80M-32k. Letters as in ``monarch_mixer``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from thea_hook.errors import ModelError
from thea_hook.lab.architectures.config import Configuration
from thea_hook.lab.architectures.monarch_mixer import BlockDiagonalLinear, MonarchSequenceMixer, MonarchTransform

_EPSILON = 1e-12
_PREFIXES = ("model.", "module.")  # of Composer, and of data-parallel training
_COUNTED = "bert.embeddings.position_ids"  # 0, 1, 2, ..: some checkpoints have it, and it says nothing


@dataclass(frozen=True)
class M2BertConfig(Configuration):
    """The shape of an encoder: ``positions`` as it was trained, ``length`` as it is run, which may be shorter.

    Of the heads, a published retrieval checkpoint has the pooler, one of pre-training that for masked words, and one
    tuned to classify as many ``labels`` as there are classes.
    """

    vocabulary: int = 30528
    positions: int = 32768
    length: int = 32768
    token_types: int = 2
    dim: int = 768
    layers: int = 12
    inner: int = 3072
    blocks: int = 4
    filter_order: int = 128
    residual: bool = True
    has_pooler: bool = True
    has_word_head: bool = False
    labels: int = 0

    def example(self, batch: int, length: int) -> Tensor:
        """Words that mean nothing [batch, length]."""
        return torch.randint(1, self.vocabulary, (batch, length))


class M2Bert(nn.Module):
    """From words [b, l] to hidden states [b, l, d]; l is at most ``config.length``."""

    def __init__(self, config: M2BertConfig) -> None:
        super().__init__()
        self.config = config
        self.bert = _Encoder(config)
        if config.has_word_head:
            self.cls = nn.ModuleDict({"predictions": _WordHead(config, self.bert.embeddings.word_embeddings)})
        if config.labels:
            self.classifier = nn.Linear(config.dim, config.labels)

    def forward(self, words: Tensor, token_types: Tensor | None = None) -> Tensor:
        x: Tensor = self.bert.embeddings(words, token_types)
        hidden: Tensor = self.bert.encoder(x)
        return hidden

    def pooled(self, hidden: Tensor) -> Tensor:
        """One vector [b, d] for each text, which is what retrieval compares."""
        return torch.tanh(self.bert.pooler["dense"](hidden[:, 0]))

    def word_logits(self, hidden: Tensor) -> Tensor:
        """Which word stands at each position [b, l, vocabulary]."""
        logits: Tensor = self.cls["predictions"](hidden)
        return logits

    def class_logits(self, hidden: Tensor) -> Tensor:
        """Which class each text has [b, labels]."""
        logits: Tensor = self.classifier(self.pooled(hidden))
        return logits


class _Encoder(nn.Module):
    def __init__(self, config: M2BertConfig) -> None:
        super().__init__()
        transform = MonarchTransform(config.length)
        self.embeddings = _Embeddings(config)
        self.encoder = _Layers(_Layer(config, transform) for _ in range(config.layers))
        if config.has_pooler:
            self.pooler = nn.ModuleDict({"dense": nn.Linear(config.dim, config.dim)})


class _Embeddings(nn.Module):
    def __init__(self, config: M2BertConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocabulary, config.dim, padding_idx=0)
        self.position_embeddings = nn.Embedding(config.positions, config.dim)
        self.token_type_embeddings = nn.Embedding(config.token_types, config.dim)
        self.LayerNorm = nn.LayerNorm(config.dim, eps=_EPSILON)

    def forward(self, words: Tensor, token_types: Tensor | None) -> Tensor:
        x = self.word_embeddings(words) + self.position_embeddings.weight[: words.shape[1]]
        types = self.token_type_embeddings.weight[0] if token_types is None else self.token_type_embeddings(token_types)
        normed: Tensor = self.LayerNorm(x + types)
        return normed


class _Layers(nn.Module):
    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layer = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layer:
            x = layer(x)
        return x


class _Layer(nn.Module):
    """A sequence mixer and an MLP. Past the mixer leads no plain residual: its second convolution stands for one."""

    def __init__(self, config: M2BertConfig, transform: MonarchTransform) -> None:
        super().__init__()
        self.attention = MonarchSequenceMixer(
            config.dim, config.positions, transform, order=config.filter_order, residual=config.residual
        )
        self.mlp = _GatedMlp(config)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.mlp(self.attention(x))
        return output


class _GatedMlp(nn.Module):
    def __init__(self, config: M2BertConfig) -> None:
        super().__init__()
        self.gated_layers = BlockDiagonalLinear(config.dim, 2 * config.inner, config.blocks)
        self.wo = BlockDiagonalLinear(config.inner, config.dim, config.blocks, bias=True)
        self.layernorm = nn.LayerNorm(config.dim, eps=_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.gated_layers(x).chunk(2, dim=-1)
        output: Tensor = self.layernorm(x + self.wo(functional.gelu(gate) * value))
        return output


class _WordHead(nn.Module):
    def __init__(self, config: M2BertConfig, words: nn.Embedding) -> None:
        super().__init__()
        self.transform = nn.ModuleDict(
            {"dense": nn.Linear(config.dim, config.dim), "LayerNorm": nn.LayerNorm(config.dim, eps=_EPSILON)}
        )
        self.decoder = nn.Linear(config.dim, config.vocabulary)
        self.decoder.weight = words.weight

    def forward(self, hidden: Tensor) -> Tensor:
        x = self.transform["LayerNorm"](functional.gelu(self.transform["dense"](hidden)))
        logits: Tensor = self.decoder(x)
        return logits


# ------------------------------------------------------------------ checkpoints


def load_m2_bert(checkpoint: Mapping[str, Any], config: M2BertConfig | None = None) -> M2Bert:
    """The encoder with the weights of a checkpoint, and with the heads that the checkpoint has.

    Raises ``ModelError`` where names or shapes are not those of the configuration.
    """
    weights = _weights_of(checkpoint)
    config = replace(
        config or M2BertConfig(),
        has_pooler="bert.pooler.dense.weight" in weights,
        has_word_head="cls.predictions.transform.dense.weight" in weights,
        labels=len(weights.get("classifier.weight", ())),
    )
    model = M2Bert(config)
    own = model.state_dict(keep_vars=True)
    _fill_shared(weights, own)
    _require("has no", own.keys() - weights.keys())
    _require("has, and this layout has not,", weights.keys() - own.keys())
    _require(
        "has other shapes for",
        (
            f"{name} {list(weights[name].shape)}, not {list(own[name].shape)}"
            for name in own
            if weights[name].shape != own[name].shape
        ),
    )
    model.load_state_dict(weights)
    return model


def _weights_of(checkpoint: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors by their plain names, out of what Composer and data-parallel training put round them."""
    state = checkpoint["state"]["model"] if "state" in checkpoint else checkpoint
    weights = {_without_prefix(name): tensor for name, tensor in state.items()}
    weights.pop(_COUNTED, None)
    return weights


def _without_prefix(name: str) -> str:
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    return _without_prefix(name[len(prefix) :]) if prefix else name


def _fill_shared(weights: dict[str, Tensor], own: Mapping[str, Tensor]) -> None:
    """Give a parameter under all its names what the checkpoint has under one: some formats keep one name only."""
    names = defaultdict(list)
    for name, tensor in own.items():
        names[id(tensor)].append(name)
    for shared in names.values():
        known = next((weights[name] for name in shared if name in weights), None)
        if known is not None:
            weights.update({name: known for name in shared if name not in weights})


def _require(complaint: str, names: Iterable[str]) -> None:
    """Nothing to complain of, or an error that names the first few."""
    found = sorted(names)
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise ModelError(f"the M2-BERT checkpoint {complaint} {', '.join(found[:3])}{more}")
