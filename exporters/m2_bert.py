"""M2-BERT in the form in which Hugging Face's libraries hold models, and its export by Optimum.

Needs the packages of the extra ``[export]``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimum.exporters.onnx import export
from optimum.exporters.onnx.config import TextEncoderOnnxConfig
from optimum.utils import NormalizedTextConfig
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from thea_hook.lab.architectures.m2_bert import M2Bert, M2BertConfig

from .onnx import OPSET
from .quiet import quiet


class HubConfig(PretrainedConfig):  # type: ignore[misc]
    """The names that the ``config.json`` of a published checkpoint has; the defaults are M2-BERT-80M-32k's."""

    model_type = "m2_bert"

    def __init__(
        self,
        vocab_size: int = 30528,
        max_position_embeddings: int = 32768,
        hidden_size: int = 768,
        num_hidden_layers: int = 12,
        intermediate_size: int = 3072,
        type_vocab_size: int = 2,
        monarch_mlp_nblocks: int = 4,
        hyena_filter_order: int = 128,
        residual_long_conv: bool = True,
        **further: Any,
    ) -> None:
        super().__init__(**further)
        self.vocab_size = vocab_size
        self.max_position_embeddings = max_position_embeddings
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.intermediate_size = intermediate_size
        self.type_vocab_size = type_vocab_size
        self.monarch_mlp_nblocks = monarch_mlp_nblocks
        self.hyena_filter_order = hyena_filter_order
        self.residual_long_conv = residual_long_conv

    @classmethod
    def of(cls, config: M2BertConfig) -> HubConfig:
        """Our configuration in their words."""
        return cls(
            vocab_size=config.vocabulary,
            max_position_embeddings=config.positions,
            hidden_size=config.dim,
            num_hidden_layers=config.layers,
            intermediate_size=config.inner,
            type_vocab_size=config.token_types,
            monarch_mlp_nblocks=config.blocks,
            hyena_filter_order=config.filter_order,
            residual_long_conv=config.residual,
        )

    def to_ours(self, length: int | None = None) -> M2BertConfig:
        """Their configuration in our words, to be run at ``length``, by default at the one it was trained at."""
        return M2BertConfig(
            vocabulary=self.vocab_size,
            positions=self.max_position_embeddings,
            length=length or self.max_position_embeddings,
            token_types=self.type_vocab_size,
            dim=self.hidden_size,
            layers=self.num_hidden_layers,
            inner=self.intermediate_size,
            blocks=self.monarch_mlp_nblocks,
            filter_order=self.hyena_filter_order,
            residual=self.residual_long_conv,
        )


class HubModel(PreTrainedModel):  # type: ignore[misc]
    """An encoder with the inputs and outputs that Optimum expects."""

    config_class = HubConfig

    def __init__(self, encoder: M2Bert) -> None:
        super().__init__(HubConfig.of(encoder.config))
        self.encoder = encoder

    def forward(self, input_ids: Tensor, token_type_ids: Tensor | None = None) -> BaseModelOutput:
        return BaseModelOutput(last_hidden_state=self.encoder(input_ids, token_type_ids))


class M2BertOnnxConfig(TextEncoderOnnxConfig):  # type: ignore[misc]
    """How Optimum exports an M2-BERT. It has no attention mask: its convolutions are over the whole length."""

    NORMALIZED_CONFIG_CLASS = NormalizedTextConfig
    DEFAULT_ONNX_OPSET = OPSET

    @property
    def inputs(self) -> dict[str, dict[int, str]]:
        axes = {0: "batch", 1: "length"}
        return {"input_ids": axes, "token_type_ids": axes}

    @property
    def outputs(self) -> dict[str, dict[int, str]]:
        return {"last_hidden_state": {0: "batch", 1: "length"}}


def export_with_optimum(encoder: M2Bert, path: Path) -> None:
    """Write an encoder to a file as Optimum does."""
    model = HubModel(encoder.eval()).eval()
    with quiet():
        export(model, M2BertOnnxConfig(model.config, task="feature-extraction"), path)
