"""Where the lab keeps its data: corpora, training windows, checkpoints. Nothing of it is committed."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """``THEA_LAB_DATA``, or ``build/lab`` below the current folder."""
    return Path(os.environ.get("THEA_LAB_DATA") or Path("build", "lab"))
