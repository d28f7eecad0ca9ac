"""What the configurations of all architectures have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

Config = TypeVar("Config", bound="Configuration")


class Configuration(ABC):
    """A base for frozen dataclasses whose fields are numbers, words, and tuples of these: they go to JSON and back."""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON has them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls: type[Config], fields: Mapping[str, Any]) -> Config:
        """The configuration that ``to_dict`` wrote."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()})

    @abstractmethod
    def example(self, batch: int, length: int) -> Tensor:
        """Input of the right shape that means nothing."""
