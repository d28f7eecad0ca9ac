"""The models that the hook ships, and what surrounds them. Nothing of it is loaded while all files parse."""

from __future__ import annotations

import os

MANIFEST = "manifest.json"
SHIPPED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "weights")
"""The folder of weights that is part of the package."""
